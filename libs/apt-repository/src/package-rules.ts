import { InvalidPackage } from './errors.js';

// Debian Policy 5.6.1, 5.6.8 and 5.6.12.
const NAME = /^[a-z0-9][a-z0-9+.-]+$/;
const ARCHITECTURE = /^[a-z0-9][a-z0-9-]*$/;
const VERSION = /^(?:\d+:)?\d[A-Za-z0-9.+~-]*$/;
const SOURCE = /^(?<name>\S+)(?: +\((?<version>[^()\s]+)\))?$/;
// Names and versions become file names.
const MAX_LENGTH = 128;

export function checkPackageName(name: string): string {
  return check(name, NAME, 'a package name: use two or more of a-z 0-9 + - . with a letter or digit first');
}

export function checkVersion(version: string): string {
  return check(version, VERSION, 'a version: use [epoch:]upstream[-revision] of A-Z a-z 0-9 . + ~ -');
}

export function checkArchitecture(architecture: string): string {
  if (['any', 'source'].includes(architecture)) {
    throw new InvalidPackage(`A binary package cannot have the architecture '${architecture}'.`);
  }
  return check(architecture, ARCHITECTURE, 'an architecture, such as amd64 or all');
}

/** The source package's name in a Source field (Policy 5.6.1: `name` or `name (version)`). */
export function sourceName(value: string): string {
  const { name, version } = SOURCE.exec(value)?.groups ?? {};
  if (name === undefined) {
    throw new InvalidPackage(
      `${JSON.stringify(value)} cannot be a Source field: use 'name' or 'name (version)'.`,
    );
  }
  if (version !== undefined) checkVersion(version);
  return checkPackageName(name);
}

function check(value: string, rule: RegExp, what: string): string {
  if (value.length > MAX_LENGTH || !rule.test(value)) {
    throw new InvalidPackage(`${JSON.stringify(value.slice(0, MAX_LENGTH))} cannot be ${what}.`);
  }
  return value;
}
