'use strict';
/**
 * Runs a TypeScript program of this project: `node test/cli/run.cjs FILE …`. Plain JavaScript without packages, which an
 * old Node can read too, so that it can say in one line what is missing.
 */
const path = require('node:path');
const { pathToFileURL } = require('node:url');

function refuse(message) {
  console.error(message);
  process.exit(1);
}

const { node: version } = process.versions;
if (Number(version.split('.')[0]) < 20) refuse(`This needs Node 20 or newer. Here runs Node ${version}.`);
for (const name of ['tsx', 'twilio-run', 'zod']) {
  try {
    require.resolve(`${name}/package.json`);
  } catch {
    refuse('The packages are not installed. Run npm ci first.');
  }
}
// The program finds its own path and arguments where it would without this file.
process.argv.splice(1, 1);
process.argv[1] = path.resolve(process.argv[1]);
void import('tsx').then(() => import(pathToFileURL(process.argv[1]).href));
