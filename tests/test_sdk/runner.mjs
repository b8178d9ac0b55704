// Run checks one after the other and print the result of each as JSON.
import {settled, takeRequests} from "./client.mjs";

/** Let nothing of the SDK reach the output, or end the process. */
export function quieten() {
  process.on("unhandledRejection", () => {}); // a wrong answer makes the SDK throw beside its promise
  process.on("uncaughtException", () => {});
  const print = console.log;
  console.log = console.warn = console.error = () => {}; // the SDK writes there
  return print;
}

/** Run the checks with this context, print the results, and end the process. */
export async function runChecks(checks, context, print) {
  const results = [];
  for (const [name, run] of Object.entries(checks)) {
    takeRequests();
    let error = null;
    try {
      await settled(run(context), 120000);
    } catch (problem) {
      error = problem?.code ? `${problem.code}: ${problem.message}` : String(problem?.message ?? problem);
    }
    results.push({name, error, requests: takeRequests()});
  }
  print(JSON.stringify(results));
  process.exit(0); // the SDK's own timers would keep the process alive
}
