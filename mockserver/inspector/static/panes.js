// On a narrow screen one part of the page is shown at a time, as in a chat app.

const page = () => document.querySelector("#page");

/** Show one part where there is room for one only. */
export function showPane(pane) {
  page().dataset.pane = pane;
  mark();
  if (getComputedStyle(document.querySelector(".panes-nav")).display !== "none") scrollTo(0, 0);
}

function mark() {
  for (const link of document.querySelectorAll(".panes-nav a")) {
    if (link.dataset.paneOf === page().dataset.pane) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

/** Follow the links to parts from now on. */
export function startPanes() {
  document.documentElement.classList.add("scripted");
  mark();
  document.addEventListener("page", mark);
  document.addEventListener("click", (event) => {
    const pane = event.target.closest("[data-pane-of]")?.dataset.paneOf;
    if (!pane) return;
    event.preventDefault();
    showPane(pane);
    document.getElementById(pane).focus({ preventScroll: true });
  });
}
