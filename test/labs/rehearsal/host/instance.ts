import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Parameters } from './event.ts';
import type { HostSwitches } from './switches.ts';

const program = fileURLToPath(new URL('./instance.cjs', import.meta.url));

/** One run of a Function. */
export interface Invocation {
  /** The Function's file. */
  readonly file: string;
  readonly variables: Readonly<Record<string, string>>;
  /** The platform's own members of the context. */
  readonly context: Readonly<Record<string, string>>;
  readonly event: Parameters;
}

/** What a Function answered, as the platform sends it. */
export interface FunctionResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
}

export interface InstanceOptions {
  /** The folder that the build is laid out in. */
  readonly root: string;
  /** Files by path. */
  readonly functions: Readonly<Record<string, string>>;
  /** Files of the private Assets by path. */
  readonly assets: Readonly<Record<string, string>>;
  readonly switches: HostSwitches;
  /** Modules that the process loads first. */
  readonly preload: readonly string[];
  /** Environment variables that the process has of itself. */
  readonly env: Readonly<Record<string, string>>;
  /** Hears what Functions write. */
  readonly onOutput: (text: string) => void;
}

/** A process that runs Functions one at a time, and stays warm for the next one. */
export class Instance {
  /** How many Functions it has run. */
  invocations = 0;
  readonly #child: ChildProcess;
  readonly #freezes: boolean;
  readonly #gone: Promise<void>;
  #waiting: ((result: FunctionResponse | 'died') => void) | undefined;

  constructor(options: InstanceOptions) {
    const { root, functions, assets, switches, preload, env, onOutput } = options;
    this.#child = fork(program, {
      cwd: root,
      env: { ...env },
      execArgv: preload.flatMap((file) => ['--require', file]),
      serialization: 'json',
      silent: true,
    });
    this.#freezes = switches.afterAnswer === 'frozen' && process.platform !== 'win32';
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', onOutput);
    this.#child.on('message', ({ response }: { response: FunctionResponse }) => this.#settle(response));
    this.#child.on('error', () => this.#settle('died'));
    this.#gone = new Promise((resolve) => this.#child.once('exit', () => resolve()));
    void this.#gone.then(() => this.#settle('died'));
    this.#child.send({ type: 'prepare', root, functions, assets, switches });
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Runs a Function, for so many milliseconds at most. Whatever does not answer is ended. */
  async run(invocation: Invocation, limitMs: number): Promise<FunctionResponse | 'died' | 'timed out'> {
    this.invocations += 1;
    let timer: NodeJS.Timeout | undefined;
    const timeUp = new Promise<'timed out'>((resolve) => {
      timer = setTimeout(() => resolve('timed out'), limitMs);
    });
    const answered = new Promise<FunctionResponse | 'died'>((resolve) => {
      this.#waiting = resolve;
    });
    if (this.#freezes) this.#child.kill('SIGCONT');
    this.#child.send({ type: 'invoke', ...invocation }, (error) => error && this.#settle('died'));
    const result = await Promise.race([answered, timeUp]);
    clearTimeout(timer);
    if (typeof result === 'string') await this.end();
    else if (this.#freezes) this.#child.kill('SIGSTOP');
    return result;
  }

  async end(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#gone;
  }

  #settle(result: FunctionResponse | 'died'): void {
    this.#waiting?.(result);
    this.#waiting = undefined;
  }
}
