// What the pages do better with JavaScript; every one of them works without it.
const root = document.documentElement;
root.classList.add("js");

const live = () => document.querySelector("[data-live]");
let liveTimer = 0;

/** Says a short sentence to everybody: visible for six seconds, read by screen readers. */
export function announce(text) {
  const region = live();
  if (!region) return;
  region.textContent = text;
  clearTimeout(liveTimer);
  liveTimer = setTimeout(() => { region.textContent = ""; }, 6000);
}

// The error summary takes the focus when the page, or a part of it, arrives with one.
function focusSummary(within) {
  const summary = within.querySelector?.("[data-error-summary]");
  if (summary) summary.focus();
}

// Links of the summary put the cursor into the field, not only near it.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-error-summary] a[href^='#']");
  const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.closest(".field")?.scrollIntoView({ block: "nearest" });
});

// Colours and text size change at once; the server keeps the choice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  if (!form.matches?.("[data-preference]") || !button) return;
  event.preventDefault();
  const attribute = button.name === "theme" ? "theme" : "size";
  if (["auto", "standard"].includes(button.value)) delete root.dataset[attribute];
  else root.dataset[attribute] = button.value;
  for (const other of form.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
  const body = new URLSearchParams(new FormData(form));
  body.set(button.name, button.value);
  fetch(form.action, { method: "POST", body, redirect: "manual", credentials: "same-origin" }).catch(() => {});
});

// A form with data-confirm asks once, in a dialog that names what will happen.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = (event.submitter ?? form).dataset?.confirm ?? form.dataset?.confirm;
  const dialog = document.getElementById("confirm-dialog");
  if (!question || !dialog?.showModal || form.dataset.confirmed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const yes = dialog.querySelector("[data-confirm-yes]");
  dialog.querySelector("[data-confirm-text]").textContent = question;
  yes.textContent = event.submitter?.textContent.trim() || yes.textContent;
  const submitter = event.submitter;
  yes.onclick = () => {
    dialog.close();
    form.dataset.confirmed = "yes";
    form.requestSubmit(submitter ?? undefined);
    delete form.dataset.confirmed;
  };
  dialog.showModal();
  dialog.querySelector("[data-dialog-close]")?.focus();
}, true);

// Dialogs: a link to #id opens it; without JavaScript the stylesheet shows it by :target.
document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-dialog-open]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.dialogOpen);
    if (dialog?.showModal) {
      event.preventDefault();
      dialog.showModal();
    }
    return;
  }
  const closer = event.target.closest?.("[data-dialog-close]");
  const dialog = closer?.closest("dialog");
  if (dialog?.open) {
    event.preventDefault();
    dialog.close();
  }
});

// Copy buttons.
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    announce(button.dataset.copied);
  } catch {
    announce(button.dataset.copyFailed);
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-print]")) window.print();
});

// Only one panel of the header is open; Escape or a click elsewhere closes it.
const drops = () => document.querySelectorAll("details.drop[open]");
document.addEventListener("click", (event) => {
  for (const drop of drops()) if (!drop.contains(event.target)) drop.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const drop of drops()) {
    drop.open = false;
    drop.querySelector("summary").focus();
  }
});

// A form that was sent is not sent twice by an impatient finger; the server is idempotent in any case.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches?.("form.form[method='post']")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => { delete form.dataset.sent; }, 8000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// "/" puts the cursor into the page's search field, never while somebody is typing.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const search = document.querySelector("[data-search]");
  if (!search) return;
  event.preventDefault();
  search.focus();
});

// A part that htmx brings in: its error summary takes the focus.
document.addEventListener("htmx:after:swap", (event) => {
  const target = event.detail?.ctx?.target;
  focusSummary(target?.isConnected ? target.parentElement ?? document : document);
});

focusSummary(document);
