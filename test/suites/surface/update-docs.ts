/** `npm run docs`: brings the parts of the pages up to date that are made from the code. */
import { readFlags } from '../../cli/flags.ts';
import { runProgram } from '../../cli/program.ts';
import { updatePages } from './generated-sections.ts';

const HELP = `Brings the parts of the pages up to date that are made from the code, in README.md and docs/.

  npm run docs                prints nothing; git diff shows what has changed
  npm run docs -- --help      prints this`;

async function main(): Promise<void> {
  if (readFlags('npm run docs', {}).help) return console.log(HELP);
  updatePages();
}

void runProgram(main, { whenInterrupted: 130 });
