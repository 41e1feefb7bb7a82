import { type FunctionResponse, Instance, type InstanceOptions, type Invocation } from './instance.ts';
import type { HostLimits } from './limits.ts';

/** The instances of a deployment: as many as there are requests at the same time, up to the limit. */
export class Instances {
  /** How many were started so far. */
  started = 0;
  readonly #options: InstanceOptions;
  readonly #limits: HostLimits;
  readonly #idle: Instance[] = [];
  readonly #all = new Set<Instance>();
  #busy = 0;

  constructor(options: InstanceOptions, limits: HostLimits) {
    this.#options = options;
    this.#limits = limits;
  }

  /** Processes that are there now, busy or warm. */
  get pids(): (number | undefined)[] {
    return [...this.#all].map(({ pid }) => pid);
  }

  async run(invocation: Invocation): Promise<FunctionResponse | 'died' | 'timed out' | 'too many'> {
    if (this.#busy >= this.#limits.concurrency) return 'too many';
    this.#busy += 1;
    const instance = this.#warm() ?? this.#start();
    try {
      const result = await instance.run(invocation, this.#limits.executionMs);
      if (typeof result === 'string') this.#all.delete(instance);
      else if (this.#options.switches.instances === 'reused') this.#idle.push(instance);
      else await this.#end(instance);
      return result;
    } finally {
      this.#busy -= 1;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((instance) => this.#end(instance)));
  }

  /** Ends everything at once, for a program that is about to exit. */
  kill(): void {
    for (const instance of this.#all) void instance.end();
  }

  /** One that waits for work; those that have died meanwhile are forgotten. */
  #warm(): Instance | undefined {
    let instance = this.#idle.pop();
    while (instance && !instance.alive) {
      this.#all.delete(instance);
      instance = this.#idle.pop();
    }
    return instance;
  }

  #start(): Instance {
    this.started += 1;
    const instance = new Instance(this.#options);
    this.#all.add(instance);
    return instance;
  }

  #end(instance: Instance): Promise<void> {
    this.#all.delete(instance);
    return instance.end();
  }
}
