/** When a resource was made and last changed, in epoch milliseconds. */
interface Dated {
  readonly sid: string;
  readonly createdAt: number;
  updatedAt: number;
}

export interface Service extends Dated {
  readonly uniqueName: string;
  readonly friendlyName: string;
  readonly includeCredentials: boolean;
  readonly uiEditable: boolean;
  /** Unique name and four digits: what the domains of all environments begin with. */
  readonly domainBase: string;
}

export interface Environment extends Dated {
  readonly serviceSid: string;
  readonly uniqueName: string;
  /** None for production. */
  readonly domainSuffix: string | undefined;
  readonly domainName: string;
  /** Of the active build. */
  buildSid: string | undefined;
}

export interface Variable extends Dated {
  readonly serviceSid: string;
  readonly environmentSid: string;
  key: string;
  value: string;
}

export interface Deployment extends Dated {
  readonly serviceSid: string;
  readonly environmentSid: string;
  readonly buildSid: string | undefined;
}

export type CodeKind = 'functions' | 'assets';

/** A Function or an Asset: a name that versions are uploaded to. */
export interface CodeResource extends Dated {
  readonly kind: CodeKind;
  readonly serviceSid: string;
  readonly friendlyName: string;
}

export type Visibility = 'public' | 'protected' | 'private';

/** What was uploaded for one path. */
export interface Version {
  readonly sid: string;
  readonly kind: CodeKind;
  readonly serviceSid: string;
  readonly resourceSid: string;
  readonly path: string;
  readonly visibility: Visibility;
  readonly content: Buffer;
  readonly contentType: string;
  readonly createdAt: number;
}

export interface Dependency {
  readonly name: string;
  readonly version: string;
}

export interface Build extends Dated {
  readonly serviceSid: string;
  readonly versions: readonly Version[];
  readonly dependencies: readonly Dependency[];
  readonly runtime: string;
  /** Status requests that are still answered with `building`. */
  pollsLeft: number;
  /** What it comes to after that. */
  readonly outcome: 'completed' | 'failed';
}

export function statusOf({ pollsLeft, outcome }: Build): 'building' | 'completed' | 'failed' {
  return pollsLeft > 0 ? 'building' : outcome;
}
