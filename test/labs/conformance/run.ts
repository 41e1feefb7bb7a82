/**
 * `npm run test:conformance`: the official conformance suite through twilio-run, for both revisions, against the
 * Functions that are deployed and against a test Function that has the suite's own definitions on our transport.
 */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { readFlags } from '../../cli/flags.ts';
import { type Program, RunError, runProgram } from '../../cli/program.ts';
import { startEverything, startPayments } from './functions.ts';
import { installPackages } from './packages.ts';
import { startProxy } from './proxy.ts';
import { SCENARIOS, type ServerName } from './scenarios.ts';
import { listSuite, type Revision, runSuite } from './suite.ts';
import { judge, unlisted } from './verdict.ts';

const here = fileURLToPath(new URL('./', import.meta.url));

const SERVERS: Record<ServerName, (program: Program, token: string) => Promise<string>> = {
  payments: startPayments,
  everything: startEverything,
};

const HELP = `Runs the official conformance suite of MCP, for both revisions, on the Functions as twilio-run runs them.

  npm run test:conformance               installs the suite (with npm, from the registry) and runs all of it
  npm run test:conformance -- --help     prints this

Ends with 1 if anything came out otherwise than scenarios.ts expects.`;

async function main(program: Program): Promise<void> {
  if (readFlags('npm run test:conformance', {}).help) return console.log(HELP);
  const packages = await installPackages(program, here);
  const problems = unlisted(await listSuite(packages));
  let passed = 0;
  for (const [server, start] of Object.entries(SERVERS) as [ServerName, typeof startPayments][]) {
    const token = randomBytes(24).toString('base64url');
    const target = await start(program, token);
    // The suite cannot send a token, and nothing turns authentication off.
    const { url } = await startProxy(program, { target, headers: { authorization: `Bearer ${token}` } });
    for (const revision of Object.keys(SCENARIOS) as Revision[]) {
      const results = await runSuite(program, packages, { url: `${url}/mcp`, revision });
      const verdict = judge(server, revision, results);
      const { passed: names, checks, notApplicable } = verdict;
      const counts = `${names.length} scenarios pass (${checks} checks), ${notApplicable.length} do not apply`;
      console.log(`${revision}  ${server.padEnd(10)}  ${counts}`);
      passed += names.length;
      problems.push(...verdict.problems.map((problem) => `${revision} ${server} ${problem}`));
    }
  }
  for (const [revision, { notApplicable }] of Object.entries(SCENARIOS)) {
    console.log(`\n${revision}, not to be met by a host of requests and answers:`);
    for (const [name, reason] of Object.entries(notApplicable)) console.log(`  ${name}: ${reason}`);
  }
  if (problems.length > 0) console.error(`\n${problems.join('\n')}`);
  console.log(`\n${passed} passed, ${problems.length} failed`);
  if (problems.length > 0) throw new RunError('The suite did not come out as scenarios.ts expects.');
}

void runProgram(main, { whenInterrupted: 130 });
