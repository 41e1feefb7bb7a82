import { isHandlerVersion } from '../../../cli/handler-version.ts';
import type { BuildCheck } from './check.ts';

/** An exact version, so that Twilio installs what was tested (semver.org). */
const EXACT = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;
/** About so many (limits page). */
const MOST_DEPENDENCIES = 100;

export const dependencies: BuildCheck = {
  name: 'the dependencies are those of package.json, in exact versions',
  find: (build, expected) => {
    const uploaded = Object.fromEntries(build.dependencies.map(({ name, version }) => [name, version]));
    const missing = Object.keys(expected.dependencies).filter((name) => !(name in uploaded));
    return [
      ...missing.map((name) => `${name} is missing`),
      ...build.dependencies.flatMap(({ name, version }) => {
        if (!EXACT.test(version)) return [`${name} is given as ${version}, which is no exact version`];
        const wanted = expected.dependencies[name];
        if (wanted === undefined) return [`${name} is not in package.json`];
        return wanted === version ? [] : [`${name} is ${version}, package.json says ${wanted}`];
      }),
      ...(build.dependencies.length > MOST_DEPENDENCIES
        ? [`${build.dependencies.length} dependencies, Twilio takes about ${MOST_DEPENDENCIES}`]
        : []),
    ];
  },
};

export const handlerPackage: BuildCheck = {
  name: 'the runtime handler is one that the platform has and that gives headers',
  find: (build) => {
    const version = build.dependencies.find(({ name }) => name === '@twilio/runtime-handler')?.version;
    if (version === undefined) return ['@twilio/runtime-handler is missing'];
    return isHandlerVersion(version) ? [] : [`@twilio/runtime-handler is ${version}, which Twilio refuses`];
  },
};

export const runtime: BuildCheck = {
  name: 'the runtime is the one that is asked for',
  find: (build, expected) =>
    build.runtime === expected.runtime ? [] : [`The runtime is ${build.runtime}, not ${expected.runtime}`],
};

/** Twilio gives these itself where the service includes credentials (variables page). */
const OF_THE_PLATFORM = [
  'ACCOUNT_SID',
  'AUTH_TOKEN',
  'DOMAIN_NAME',
  'PATH',
  'SERVICE_SID',
  'ENVIRONMENT_SID',
];

export const variables: BuildCheck = {
  name: 'all variables of .env are there, and no credentials of the account',
  find: ({ variables: uploaded, service }, expected) => [
    ...Object.keys(expected.variables)
      .filter((name) => uploaded[name] === undefined)
      .map((name) => `${name} is missing`),
    ...Object.keys(uploaded).flatMap((name) => {
      if (OF_THE_PLATFORM.includes(name)) return [`${name} is a variable of Twilio's own`];
      if (expected.variables[name] === undefined) return [`${name} should not be there`];
      return expected.variables[name] === uploaded[name] ? [] : [`${name} has another value`];
    }),
    ...(service.includeCredentials ? [] : ['The service does not give ACCOUNT_SID and AUTH_TOKEN']),
  ],
};

/** One: 450 bytes and a name of 128 characters (OpenAPI file). All, with what Twilio adds: about 3 kB (error 82006). */
const MOST_VARIABLE_BYTES = 450;
const LONGEST_NAME = 128;
const MOST_BYTES = 3_000;

export const variableSizes: BuildCheck = {
  name: 'no variable is too large, nor all together',
  find: ({ variables: uploaded, service, environment, functions }) => {
    const paths = functions.map(({ path }) => path);
    const context = {
      ...uploaded,
      ACCOUNT_SID: 'A'.repeat(34),
      AUTH_TOKEN: 'a'.repeat(32),
      DOMAIN_NAME: environment.domainName,
      PATH: paths.reduce((longest, path) => (path.length > longest.length ? path : longest), ''),
      SERVICE_SID: service.sid,
      ENVIRONMENT_SID: environment.sid,
    };
    const all = Buffer.byteLength(JSON.stringify(context));
    return [
      ...Object.entries(uploaded).flatMap(([name, value]) => [
        ...(Buffer.byteLength(value) > MOST_VARIABLE_BYTES
          ? [`${name} has ${Buffer.byteLength(value)} bytes, Twilio takes ${MOST_VARIABLE_BYTES}`]
          : []),
        ...(name.length > LONGEST_NAME ? [`The name ${name} is longer than ${LONGEST_NAME} characters`] : []),
      ]),
      ...(all > MOST_BYTES ? [`All variables have ${all} bytes, Twilio takes about ${MOST_BYTES}`] : []),
    ];
  },
};

/** Names: 50 and 100 characters, the suffix 16 (OpenAPI file); together they have to fit in a domain (RFC 1035). */
export const names: BuildCheck = {
  name: 'service and environment have names that fit in a domain',
  find: ({ service, environment }) => [
    ...(/^[a-z0-9-]{1,50}$/i.test(service.uniqueName)
      ? []
      : [`The service's name ${service.uniqueName} does not fit`]),
    ...(environment.uniqueName.length <= 100 ? [] : ["The environment's name is longer than 100 characters"]),
    ...((environment.domainSuffix ?? '').length <= 16
      ? []
      : ['The domain suffix is longer than 16 characters']),
    ...((environment.domainName.split('.')[0]?.length ?? 0) <= 63
      ? []
      : [`${environment.domainName} is too long for a domain`]),
  ],
};
