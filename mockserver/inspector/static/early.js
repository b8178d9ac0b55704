// Keeps what happens on a page before its modules have come, and lets it happen once they are there.
// A plain script that the head waits for: without it a form pressed too early would leave the page,
// with its fields (a token among them) in the address.

(() => {
  const early = []; // what to do, in the order in which it happened
  const listening = new AbortController();
  const keep = (type, kept) => addEventListener(type, kept, { capture: true, signal: listening.signal });
  const hold = (event, later) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    early.push(later);
  };

  keep("click", (event) => {
    const button = event.target.closest("button");
    if (button) hold(event, () => button.click());
  });
  keep("submit", (event) => hold(event, () => event.target.requestSubmit()));
  // These have had their effect on the page already; what listens to them is told later.
  for (const type of ["input", "change", "toggle"]) {
    keep(type, ({ target, bubbles }) => early.push(() => target.dispatchEvent(new Event(type, { bubbles }))));
  }
  addEventListener("ready", () => {
    listening.abort();
    early.forEach((later) => later());
  }, { once: true });
})();
