// Passkeys: asks the browser for one, puts its answer into the form and sends that. A form that
// only a passkey can fill stays hidden where the browser has none.

const CANCELLED = "Nothing was chosen. Try again, or use another way.";
const KNOWN_ALREADY = "This device has a passkey for you here already.";
const NO_ANSWER = "The question could not be fetched. Reload the page and try again.";

const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const withBytes = (credentials = []) => credentials.map((each) => ({ ...each, id: toBytes(each.id) }));

function answerOf(credential) {
  const { response } = credential;
  const answer = { clientDataJSON: toText(response.clientDataJSON) };
  if (response.attestationObject) {
    answer.attestationObject = toText(response.attestationObject);
    answer.transports = response.getTransports?.() ?? [];
  } else {
    answer.authenticatorData = toText(response.authenticatorData);
    answer.signature = toText(response.signature);
    if (response.userHandle) answer.userHandle = toText(response.userHandle);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response: answer,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

async function questionFor(form) {
  const token = form.querySelector("input[name=csrf_token]").value;
  const answer = await fetch(form.dataset.question, {
    method: "POST",
    headers: { "X-CSRFToken": token, Accept: "application/json" },
  });
  if (!answer.ok) {
    const said = await answer.json().catch(() => ({}));
    throw new Error(said.message ?? NO_ANSWER);
  }
  return answer.json();
}

async function asked(form) {
  const options = await questionFor(form);
  options.challenge = toBytes(options.challenge);
  if (form.dataset.passkey === "register") {
    options.user.id = toBytes(options.user.id);
    options.excludeCredentials = withBytes(options.excludeCredentials);
    return navigator.credentials.create({ publicKey: options });
  }
  options.allowCredentials = withBytes(options.allowCredentials);
  return navigator.credentials.get({ publicKey: options });
}

function wordsFor(error) {
  if (error.name === "InvalidStateError") return KNOWN_ALREADY;
  if (error.name === "NotAllowedError" || error.name === "AbortError") return CANCELLED;
  return error.message || CANCELLED;
}

function showTrouble(form, words) {
  const place = form.querySelector("[data-trouble]");
  place.textContent = words;
  place.hidden = false;
}

document.querySelectorAll("form[data-passkey]").forEach((form) => {
  if (!window.PublicKeyCredential) return;
  form.hidden = false;
  let isAnswered = false;
  form.addEventListener("submit", async (event) => {
    if (isAnswered) return;
    // Before the page's own “sent once” sees it: this is not the sending yet.
    event.preventDefault();
    event.stopPropagation();
    if (!form.reportValidity()) return;
    try {
      form.querySelector("input[name=credential]").value = answerOf(await asked(form));
      isAnswered = true;
      form.requestSubmit();
    } catch (error) {
      showTrouble(form, wordsFor(error));
    }
  });
});
