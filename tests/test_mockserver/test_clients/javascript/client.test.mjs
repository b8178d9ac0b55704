// The client against a mock that it starts itself. Run by test_javascript.py: node --test

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";

import { ControlRefused, connect, start } from "duologue-mock";

const command = JSON.parse(process.env.MOCKSERVER_COMMAND);
const WORLD = { users: ["ana", "bo"], groups: [{ guid: "g", members: ["ana", "bo"] }] };
let mock;

before(async () => {
  mock = await start({ command, world: "empty", seed: 7 });
});
after(() => mock.stop());
beforeEach(async () => {
  await mock.reset();
  await mock.world(WORLD);
});

const unread = async (as) => {
  const rows = (await (await mock.api("/conversations", { as })).json()).data;
  return rows.map((row) => row.unreadMessageCount);
};

test("somebody writes now and in two seconds of the mock's clock", async () => {
  await mock.freeze(new Date("2026-01-05T09:00:00Z"));
  await mock.send({ from: "bo", to: { user: "ana" }, text: "Now" });
  const told = await mock.send({ from: "bo", to: "ana", text: "Later", inS: 2 });
  assert.equal(told.at, Date.parse("2026-01-05T09:00:02Z") / 1000);
  assert.deepEqual((await unread("ana")).filter(Boolean), [1]);
  await mock.advance(2);
  assert.deepEqual((await unread("ana")).filter(Boolean), [2]);
});

test("a call fails once and then works", async () => {
  await mock.fail("listConversations", 503);
  const statuses = [];
  for (const _ of [1, 2]) statuses.push((await mock.api("/conversations", { as: "ana" })).status);
  assert.deepEqual(statuses, [503, 200]);
  await mock.fail(null, null, { times: null, drop: true });
  await assert.rejects(async () => (await mock.api("/users")).text());
  await mock.stopFailing();
  assert.equal((await mock.api("/users")).status, 200);
});

test("events come in order, and what was missed is replayed", async () => {
  const listener = await mock.listen();
  await mock.send({ from: "bo", to: "ana", text: "One" });
  const one = await listener.next("message", { timeoutMs: 60_000 });
  assert.equal(one.by, "bo");
  assert.equal(one.data.data.text, "One");
  listener.close();
  await mock.send({ from: "bo", to: "g", text: "Two" });
  const again = await mock.listen({ lastId: one.id });
  assert.equal((await again.next("message", { timeoutMs: 60_000 })).data.data.text, "Two");
  await assert.rejects(again.next("no-such-kind", { timeoutMs: 50 }), /no event no-such-kind within 50 ms/);
});

test("a listener that waited in vain listens on", async () => {
  const listener = await mock.listen();
  await assert.rejects(listener.next("message", { timeoutMs: 50 }), /no event message/);
  await mock.send({ from: "bo", to: "ana", text: "Now" });
  assert.equal((await listener.next("message", { timeoutMs: 60_000 })).data.data.text, "Now");
  await mock.send({ from: "bo", to: "ana", text: "Next" });
  for await (const event of listener) {
    if (event.kind !== "message") continue;
    assert.equal(event.data.data.text, "Next");
    break;
  }
  await assert.rejects(listener.next(), /The stream has ended/);
});

test("the journal tells what came, and why", async () => {
  const answer = await mock.api("/users/nobody/conversation", { as: "ana" });
  assert.equal(answer.status, 404);
  const [entry] = await mock.journal({ status: "4xx" });
  assert.equal(entry.caller, "ana");
  assert.equal(entry.id, answer.headers.get("x-request-id"));
  assert.ok((await mock.why(entry.id)).fields.length);
});

test("worlds beside each other share nothing", async () => {
  const side = await mock.side("one", { from: "empty" });
  await side.world({ users: ["zoe", "bo"] });
  await side.send({ from: "bo", to: "zoe", text: "Here" });
  assert.equal((await side.journal()).length, 1);
  assert.deepEqual(await mock.journal(), []);
  await side.remove();
  assert.deepEqual(await mock.call("GET", "/worlds"), []);
});

test("a state is saved and brought back", async () => {
  await mock.save("one");
  await mock.world({ users: [] });
  await mock.restore("one");
  assert.equal((await mock.world()).users.length, 2);
});

test("delays and limits", async () => {
  await mock.delay(1, "listUsers");
  await mock.delay(0);
  await mock.limit(1);
  await mock.api("/users");
  assert.equal((await mock.api("/users")).status, 429);
});

test("the socket is cut and fails on demand", { skip: !globalThis.WebSocket && "no WebSocket", timeout: 60_000 }, async () => {
  const logIn = async () => {
    const { authToken } = (await (await mock.api("/users/ana/auth_tokens", { method: "POST", body: {} })).json()).data;
    const socket = new WebSocket(mock.socketUrl);
    const heard = [];
    socket.addEventListener("message", ({ data }) => heard.push(JSON.parse(data)));
    await new Promise((resolve) => socket.addEventListener("open", resolve));
    const next = new Promise((resolve) => socket.addEventListener("message", resolve, { once: true }));
    socket.send(JSON.stringify({ type: "auth", appId: "any", deviceId: "tab", sender: "ana", body: { auth: authToken } }));
    await next;
    return { heard, ended: new Promise((resolve) => socket.addEventListener("close", resolve)) };
  };
  await mock.failSocket({ cutAfter: 1 });
  const { heard, ended } = await logIn();
  assert.deepEqual((await mock.socket()).connections.map((one) => one.uid), ["ana"]);
  await mock.send({ from: "bo", to: "ana", text: "Hi" });
  await ended;
  assert.deepEqual(heard.map((one) => one.type), ["auth", "message"]);
  await mock.healSocket();
  const again = await logIn();
  assert.deepEqual(await mock.cut("bo"), { cut: [] });
  assert.ok((await mock.cut("ana")).cut.includes("ana"));
  await again.ended;
});

test("a refused call says what was wrong", async () => {
  await assert.rejects(mock.send({ from: "nobody", to: "ana", text: "Hi" }), (error) => {
    assert.ok(error instanceof ControlRefused);
    assert.equal(error.status, 422);
    assert.match(error.message, /from: There is no user nobody/);
    return true;
  });
});

test("a mock that cannot be started is one sentence", async () => {
  await assert.rejects(start({ command: ["no-such-command"] }), /there is no command no-such-command$/);
  await assert.rejects(start({ env: { PATH: "/nowhere" } }), /there is no command mockserver: pip install duologue/);
  await assert.rejects(start({ command, world: "nowhere" }), /did not start: mockserver: .*nowhere/s);
});

test("a mock that runs already is used and left running", async () => {
  const other = connect(mock.url);
  assert.equal((await other.call("GET", "/health")).status, "ok");
  await other.stop();
  assert.equal((await mock.api("/users")).status, 200);
});

test("a mock starts with a world that is given", async () => {
  const groups = [{ guid: "g_1", members: ["ana", "bo_1-x"] }];
  const own = await start({ command, world: { users: ["ana", "bo_1-x"], groups } });

  await own.send({ from: "bo_1-x", to: "g_1", text: "\u{1F469}\u200D\u{1F680} \u05E9\u05DC\u05D5\u05DD" });
  await own.reset();
  const listed = await (await own.api("/conversations", { as: "ana" })).json();
  await own.stop();

  assert.deepEqual(listed.data.map((row) => [row.conversationId, row.unreadMessageCount]), [["group_g_1", 0]]);
  await assert.rejects(start({ command, world: { users: 3 } }), /did not start: .*users/s);
});

test("what is no mock is told as that", async () => {
  const page = createServer((_, answer) => answer.setHeader("content-type", "text/html").end("<html>"));
  await new Promise((resolve) => page.listen(0, "127.0.0.1", resolve));
  const other = connect(`http://127.0.0.1:${page.address().port}/v3`);
  const isTold = (error) => error instanceof ControlRefused && error.status === 200 && /No mock answers so/.test(error.message);
  await assert.rejects(other.reset(), isTold);
  await assert.rejects(other.listen(), isTold);
  page.close();
});

test("a command may print lines of its own", async () => {
  const talks = `console.log("pulling the image"); console.log("{}"); const { spawn } = require("node:child_process");
    const [program, ...words] = ${JSON.stringify(command)}; const mock = spawn(program, [...words, ...process.argv.slice(1)],
    { stdio: "inherit" }); mock.on("exit", (code) => process.exit(code)); process.on("SIGTERM", () => mock.kill());`;
  const wrapped = await start({ command: [process.execPath, "-e", talks, "--"], world: "empty" });
  assert.deepEqual(await wrapped.journal({ caller: undefined }), []);
  await wrapped.stop();
  await assert.rejects(start({ command, args: "--dialect live" }), /args is a list of words/);
});
