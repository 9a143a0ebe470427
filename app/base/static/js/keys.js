// Keys: "/" searches, "?" lists the keys, "g" and a letter goes places, "j"/"k" walk a list.
// Who talks to the machine, or hits keys by chance, turns the single ones off.

const CHORD_MS = 1200;
const hasSingleKeys = document.documentElement.dataset.keys !== "off";
let goUntil = 0;

const isTyping = (target) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ["INPUT", "SELECT", "TEXTAREA"].includes(target.tagName));

const rows = () => [...document.querySelectorAll("[data-walk] tbody tr")].filter((row) => row.querySelector("a[href]"));

function walk(step) {
  const all = rows();
  if (all.length === 0) return;
  const present = all.findIndex((row) => row.getAttribute("aria-selected") === "true");
  const next = Math.min(all.length - 1, Math.max(0, present + step));
  all.forEach((row, index) => {
    if (index === next) row.setAttribute("aria-selected", "true");
    else row.removeAttribute("aria-selected");
  });
  all[next].querySelector("a[href]").focus({ preventScroll: true });
  all[next].scrollIntoView({ block: "nearest" });
}

function go(key) {
  const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
  if (link instanceof HTMLAnchorElement) link.click();
}

// Who was in a menu stands at its opener afterwards, not at the top of the page.
function closeMenu(menu) {
  const heldFocus = menu.contains(document.activeElement);
  menu.removeAttribute("open");
  if (heldFocus) menu.querySelector("summary").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) {
    if (event.key.toLowerCase() === "k" && !event.altKey) searchFor(event);
    return;
  }
  if (event.key === "Escape") {
    document.querySelectorAll("details.menu[open]").forEach(closeMenu);
    if (isTyping(event.target)) event.target.blur();
    return;
  }
  if (!hasSingleKeys || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (goUntil > event.timeStamp) {
    goUntil = 0;
    go(event.key);
    return;
  }
  if (event.key === "/") searchFor(event);
  else if (event.key === "?") document.getElementById("keys")?.showModal();
  else if (event.key === "g") goUntil = event.timeStamp + CHORD_MS;
  else if (event.key === "j") walk(1);
  else if (event.key === "k") walk(-1);
});

function searchFor(event) {
  const field = document.getElementById("search");
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
}
