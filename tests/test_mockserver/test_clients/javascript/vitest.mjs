// The functions of Vitest that the guide uses, by Node's own runner: the tests need no download.

import assert from "node:assert/strict";

export { after as afterAll, afterEach, before as beforeAll, beforeEach, test } from "node:test";

export const expect = (came) => ({
  toBe: (wanted) => assert.equal(came, wanted),
  toEqual: (wanted) => assert.deepEqual(came, wanted),
});
