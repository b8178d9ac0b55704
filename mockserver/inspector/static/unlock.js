// The page that asks for the token: once it is right, what was asked for takes this page's place.

import { forget, keep, passing } from "./token.js";

const form = document.querySelector("#unlock");
const said = document.querySelector("#said");

async function enter() {
  const answer = await fetch(location.href, { headers: { accept: "text/html", ...passing() } });
  if (answer.status === 401) {
    forget();
    return false;
  }
  const text = await answer.text();
  document.open();
  document.write(text);
  document.close();
  return true;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  keep(form.elements.token.value);
  if (!(await enter())) said.textContent = "That is not the token this mock was started with.";
});

if (passing()["x-control-token"]) enter();
dispatchEvent(new Event("ready")); // what was pressed before
