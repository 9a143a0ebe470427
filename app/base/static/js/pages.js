// Small conveniences: every page works without them.

// A one-time secret stands behind "#", where no server sees it; put it into the form, and send
// it where nothing else is to be filled in.
const oneTime = document.querySelector("form[data-secret-from-address]");
if (oneTime && location.hash.length > 1) {
  oneTime.querySelector("input[name=secret]").value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
  if (oneTime.dataset.secretFromAddress === "send") oneTime.requestSubmit();
}

// Menus close when something else is clicked or reached with Tab: an open sheet would cover it.
// A press on the sheet's own ground puts the focus on what holds the menu; it stays open then.
["click", "focusin"].forEach((kind) => {
  document.addEventListener(kind, (event) => {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      const isAround = kind === "focusin" && event.target.contains(menu);
      if (!menu.contains(event.target) && !isAround) menu.removeAttribute("open");
    });
  });
});

// A choice that stands for a whole form sends it.
document.querySelectorAll("select[data-send]").forEach((select) => {
  select.addEventListener("change", () => select.form.requestSubmit());
});

// A form is sent once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  unsaved.delete(form);
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

// What is wrong with a form may stand far down or in something that is closed: go there. Where
// no field is to blame and none asks for the focus, what is said takes it, so that it is read out.
const asksFirst = document.querySelector("main [autofocus]:not(dialog *)");
const wrong =
  document.querySelector("main [aria-invalid=true]") ??
  (asksFirst ? null : document.querySelector("main .error, main [data-wrong]"));
if (wrong) {
  for (let place = wrong; place; place = place.parentElement) {
    if (place.tagName === "DETAILS") place.open = true;
  }
  // Who already types elsewhere, on a page that loads slowly, is left there.
  if (wrong.tabIndex < 0) wrong.tabIndex = -1;
  if (document.activeElement === document.body) wrong.focus();
}

// In a strip that scrolls sideways the present entry is in sight.
document.querySelectorAll(".tabs [aria-current], .top nav [aria-current]").forEach((entry) => {
  const strip = entry.closest(".tabs, nav");
  const hidden = entry.getBoundingClientRect().right - strip.getBoundingClientRect().right;
  if (hidden > 0) strip.scrollLeft += hidden;
});

// So is, whole, what the keyboard comes to. Not what is pressed: it must not move under the pointer.
document.addEventListener("focusin", ({ target }) => {
  const isInStrip = target.parentElement?.closest(".tabs, .top nav, .scroll, .list");
  if (isInStrip && target.matches(":focus-visible")) target.scrollIntoView({ block: "nearest", inline: "nearest" });
});

// Leaving with unsaved changes warns.
const unsaved = new Set();
document.querySelectorAll("form[data-warn-unsaved]").forEach((form) => {
  form.addEventListener("input", () => unsaved.add(form));
});
window.addEventListener("beforeunload", (event) => {
  if (unsaved.size > 0) event.preventDefault();
});

// Something must be confirmed before it is sent.
document.querySelectorAll("[data-opens]").forEach((button) => {
  button.addEventListener("click", () => document.getElementById(button.dataset.opens)?.showModal());
});

// Work that runs elsewhere: ask until it has ended, then show the page anew.
const watched = document.querySelector("[data-watch]");
if (watched) {
  const POLL_MS = 1500;
  const look = async () => {
    const answer = await fetch(watched.dataset.watch, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const run = await answer.json();
    if (run.is_over) {
      location.reload();
      return;
    }
    const bar = watched.querySelector("progress");
    if (bar && run.progress_total) {
      bar.max = run.progress_total;
      bar.value = run.progress_done;
    }
    const words = watched.querySelector("[data-words]");
    if (words) words.textContent = run.words;
    setTimeout(look, POLL_MS);
  };
  setTimeout(look, POLL_MS);
}
