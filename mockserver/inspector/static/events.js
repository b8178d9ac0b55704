// Listens to the events of the mock. By fetch and not by EventSource, which cannot send a token.

import { passing } from "./token.js";

const AGAIN_MS = 1000;

/** The events in a text that ends with an empty line: their kinds and ids. */
function parsed(text) {
  return text.split("\n\n").filter((block) => /^event:/m.test(block)).map((block) => ({
    kind: /^event: (.*)$/m.exec(block)[1],
    id: /^id: (.*)$/m.exec(block)?.[1],
  }));
}

/** Read one stream to its end; tell of each event, and that the stream is there. */
async function read(address, signal, { last, onOpen, onEvent }) {
  const headers = { ...passing(), ...(last && { "last-event-id": last }) };
  const answer = await fetch(address, { headers, signal, cache: "no-store" });
  if (!answer.ok) throw new Error(`${answer.status} for ${address}`);
  onOpen();
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    rest += value;
    const end = rest.lastIndexOf("\n\n") + 2;
    if (end < 2) continue;
    parsed(rest.slice(0, end)).forEach(onEvent);
    rest = rest.slice(end);
  }
}

/** Listen until the returned function is called; `onLost` is told when a stream ends. */
export function listen(address, { onOpen, onEvent, onLost }) {
  const ending = new AbortController();
  let last;
  const note = (event) => {
    last = event.id ?? last;
    onEvent(event);
  };
  (async () => {
    while (!ending.signal.aborted) {
      await read(address, ending.signal, { last, onOpen, onEvent: note }).catch(() => {});
      if (ending.signal.aborted) return;
      onLost();
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  })();
  return () => ending.abort();
}
