// One of the workers that share a mock: node worker.mjs URL NUMBER

import assert from "node:assert/strict";

import { connect } from "duologue-mock";

const [url, number] = process.argv.slice(2);
const mine = await connect(url).side(`worker-${number}`, { from: "empty" });
for (let round = 0; round < 3; round += 1) {
  await mine.reset();
  await mine.world({ users: ["ana", "bo"] });
  await mine.freeze(1800000000 + Number(number));
  for (let count = 0; count < Number(number); count += 1) {
    await mine.send({ from: "bo", to: "ana", text: `From ${number}` });
  }
  await mine.fail("listConversations", 503);
  const statuses = [];
  let rows = [];
  for (const _ of [1, 2]) {
    const answer = await mine.api("/conversations", { as: "ana" });
    statuses.push(answer.status);
    rows = (await answer.json()).data ?? [];
  }
  assert.deepEqual(statuses, [503, 200]);
  assert.deepEqual(rows.map((row) => row.unreadMessageCount), Number(number) ? [Number(number)] : []);
  assert.deepEqual(rows.map((row) => row.updatedAt), Number(number) ? [1800000000 + Number(number)] : []);
  assert.equal((await mine.journal({ operation: "listConversations" })).length, 2);
}
await mine.remove();
console.log("held");
