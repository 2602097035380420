/* The desk by single keys. Everything here can also be done with Tab and Enter, without this file.
   The keys can be turned off (WCAG 2.1, 2.1.4): a screen reader or a voice may have its own use for them. */
(() => {
  "use strict";
  const page = document.documentElement, main = document.querySelector("main"), help = document.querySelector("dialog");
  const turns = document.querySelector("[data-keys]"), said = document.querySelector("[role=status]");
  const links = [...document.querySelectorAll(".queue a")];
  let on = true;
  try { on = localStorage.getItem("desk-keys") !== "off"; } catch { /* no storage: on for this page */ }

  function show() {
    page.classList.add("script");
    page.classList.toggle("keys", on);
    turns.textContent = on ? "Single keys: on" : "Single keys: off";
  }

  function step(by) {
    const at = links.indexOf(document.activeElement);
    const next = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by];
    if (next) next.focus();
    else document.querySelector(by > 0 ? "[rel=next]" : "[rel=prev]")?.click();
  }

  function act(key) {
    const step = document.querySelector(`details[data-key="${CSS.escape(key)}"]`);
    if (!step) return false;
    step.open = true;
    const field = step.querySelector("input:not([type=hidden]), select, textarea, button");
    field.focus();
    step.scrollIntoView({ block: "nearest" });
    return true;
  }

  const keys = {
    j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
    u: () => document.querySelector("[data-up]")?.click(),
    "?": () => help.showModal(),
  };

  function isTyping(target) {
    return target.isContentEditable || target.matches("input, select, textarea");
  }

  addEventListener("keydown", (event) => {
    if (!on || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || help.open) return;
    const step = event.target.closest?.("details[data-key]");
    if (event.key === "Escape" && step) {
      step.open = false;
      step.querySelector("summary").focus();
      return;
    }
    if (isTyping(event.target)) return;
    // Arrows scroll a concern's page as everywhere; in the queue they move in it.
    if (event.key.startsWith("Arrow") && !links.length) return;
    if (keys[event.key] ? (keys[event.key](), true) : act(event.key)) event.preventDefault();
  });

  turns.addEventListener("click", () => {
    on = !on;
    try { localStorage.setItem("desk-keys", on ? "on" : "off"); } catch { /* for this page alone */ }
    show();
  });
  help.querySelector("button").addEventListener("click", () => help.close());
  document.querySelector("[data-help]").addEventListener("click", () => help.showModal());

  // A canned answer is copied into the letter, to be changed there.
  for (const choice of document.querySelectorAll("select[data-fills]")) {
    choice.addEventListener("change", () => {
      const words = choice.selectedOptions[0].dataset.words;
      if (words) document.getElementById(choice.dataset.fills).value = words;
    });
  }

  show();
  // A status that is there from the beginning is not read out; one that appears is.
  if (said && said.textContent) {
    const words = said.textContent;
    said.textContent = "";
    setTimeout(() => { said.textContent = words; }, 150);
  }
  const wrong = document.querySelector(".refused");
  (wrong || main.querySelector("[data-first]"))?.focus();
})();
