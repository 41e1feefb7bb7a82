/** `npm run doctor`: says what is wrong with the variables, the Twilio account and the deployed service, and where to mend it. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { diagnose, type Finding, type Status } from './checks/index.ts';
import { readEnvFile, type Variables } from './environment.ts';
import { root } from './functions-process.ts';
import { RunError, runProgram } from './program.ts';

const HELP = `Checks the variables, the Twilio account, the Sync service and the deployed service.

  npm run doctor                                  reads .env; the deployed service is at its PUBLIC_URL
  npm run doctor -- --url https://….twil.io       the deployed service is there
  npm run doctor -- --env FILE                    reads another file than .env
  npm run doctor -- --watch                       looks at the deployed service alone, and prints what failed and nothing
                                                  else: for cron. With --url it needs no file
  npm run doctor -- --help                        prints this

Each line says ok, warning, failed or could not check. Ends with 1 if anything failed. Nothing is charged, and no
secret is printed. With --watch nothing is created either. Otherwise one Sync document is created and deleted again, and Twilio is asked for a payment on a call that does
not exist, to see whether the key may.`;

interface Options {
  /** The file with variables, as the user names it. */
  file: string;
  url: string | undefined;
  isWatch: boolean;
  help: boolean;
}

async function doctor(): Promise<void> {
  const { file, url, isWatch, help } = readOptions();
  if (help) return console.log(HELP);
  const envFile = resolve(root, file);
  if (!existsSync(envFile) && !(isWatch && url)) {
    throw new RunError(
      `There is no ${file}. Copy .env.example to .env and fill it in, or give another file with --env.`,
    );
  }
  const variables = readEnvFile(envFile);
  if (isWatch) return watch(variables, file, url);
  console.log(`Checking ${file}. Each request may take 5 s ...\n`);
  const findings = await diagnose({ variables, file, ...(url && { url }), onFinding: print });
  const count = (status: Status) => findings.filter((finding) => finding.status === status).length;
  const summary = `${count('ok')} ok, ${count('warning')} to look at, ${count('failed')} failed, ${count('could not check')} not checked.`;
  if (count('failed') > 0) throw new RunError(`\n${summary}`);
  console.log(`\n${summary}`);
}

/** Prints what failed, and nothing if all is well: cron sends a mail for each word. @throws RunError if anything failed. */
async function watch(variables: Variables, file: string, url: string | undefined): Promise<void> {
  if (!url && !variables.PUBLIC_URL)
    throw new RunError(
      'Where is the service deployed? Give --url https://….twil.io, or PUBLIC_URL in the file.',
    );
  const findings = await diagnose({ variables, file, ...(url && { url }), isWatch: true });
  const failed = findings.filter(({ status }) => status === 'failed');
  if (failed.length > 0) throw new RunError(failed.map(({ check, text }) => `${check}: ${text}`).join('\n'));
}

function print({ check, status, text }: Finding): void {
  console.log(`${status.padEnd('could not check'.length)}  ${check}: ${text}`);
}

function readOptions(): Options {
  try {
    const { values } = parseArgs({
      options: {
        env: { type: 'string', default: '.env' },
        url: { type: 'string' },
        watch: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const { url } = values;
    if (url !== undefined && !/^https?:\/\/[^/]/.test(url)) {
      throw new Error('--url takes an address that begins with https://.');
    }
    return { file: values.env, url, isWatch: values.watch, help: values.help };
  } catch (error) {
    const text = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new RunError(`${text} See npm run doctor -- --help`);
  }
}

void runProgram(doctor, { whenInterrupted: 130 });
