// Makes a part of the page like a newer rendering of it, and leaves alone what has not changed.
//
// A node that stays is the same node as before. So whatever hangs on it survives: the focus, a selection, a scroll
// position, an open menu, what was written in a field, and a press of the button that is not released yet.

// What the user or a script has set, and no rendering knows of.
const OWN = new Set(["open", "aria-busy"]);

const idOf = (node) => node.getAttribute?.("id");
/** What two nodes have in common that are the same thing; `data-key` tells of which thing it is. */
const keyOf = (node) => [node.nodeName, idOf(node), node.getAttribute?.("data-key")].join(" ");

function morphAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!OWN.has(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (!OWN.has(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

function morphChildren(old, fresh) {
  const wanted = new Set([...fresh.children].filter(idOf).map(keyOf));
  for (const child of [...old.children]) {
    if (idOf(child) && !wanted.has(keyOf(child))) child.remove();
  }
  const named = new Map([...old.children].filter(idOf).map((child) => [keyOf(child), child]));
  let at = old.firstChild;
  for (const next of [...fresh.childNodes]) {
    const isNext = at !== null && !idOf(at) && keyOf(at) === keyOf(next);
    const same = idOf(next) ? named.get(keyOf(next)) : isNext && at;
    if (same && same === at) at = at.nextSibling;
    else old.insertBefore(same || next, at);
    if (same) morph(same, next);
  }
  while (at) {
    const rest = at.nextSibling;
    at.remove();
    at = rest;
  }
}

/** Make a node like a newer one of the same key; the content of one with `data-own` is its script's. */
export function morph(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (keyOf(old) !== keyOf(fresh)) old.replaceWith(fresh);
  else if (old.nodeType !== Node.ELEMENT_NODE) old.data = fresh.data;
  else {
    morphAttributes(old, fresh);
    if (!("own" in old.dataset)) morphChildren(old, fresh);
  }
}
