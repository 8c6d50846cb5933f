/** What a Debian package is for; a command asks for some of these. */
export type Purpose = 'build' | 'serve' | 'test';

export interface DebianPackage {
  name: string;
  purposes: readonly Purpose[];
  why: string;
}

/** Every Debian package that Tumbi runs programs of. Node.js and npm are there already. */
export const DEBIAN_PACKAGES: readonly DebianPackage[] = [
  { name: 'sbuild', purposes: ['build'], why: 'builds source packages' },
  { name: 'mmdebstrap', purposes: ['build', 'test'], why: 'makes the roots that they are built in' },
  {
    name: 'uidmap',
    purposes: ['build', 'test'],
    why: 'newuidmap: a range of users of its own for each root',
  },
  { name: 'dpkg-dev', purposes: ['build', 'test'], why: 'dpkg-source unpacks and checks source packages' },
  {
    name: 'debian-archive-keyring',
    purposes: ['build', 'serve'],
    why: "Debian's keys, to check what is fetched",
  },
  { name: 'gpgv', purposes: ['build', 'test'], why: "checks a mirror's and our own InRelease" },
  { name: 'zstd', purposes: ['build'], why: 'packs the cached roots' },
  { name: 'xz-utils', purposes: ['build', 'serve'], why: "unpacks Debian's indexes" },
  { name: 'ca-certificates', purposes: ['build', 'serve'], why: 'mirrors behind https' },
  {
    name: 'iproute2',
    purposes: ['build', 'test'],
    why: 'ip brings up the loopback of a build; ss, to see who listens',
  },
  { name: 'mount', purposes: ['build', 'test'], why: 'the overlays of a build' },
  { name: 'util-linux', purposes: ['build', 'serve'], why: 'unshare, setpriv and flock' },
  { name: 'postgresql', purposes: ['serve'], why: 'holds what can be asked about the event log' },
  { name: 'binutils', purposes: ['test'], why: 'ar takes .debs apart to make hostile ones' },
  { name: 'make', purposes: ['test'], why: "dpkg-source runs a package's clean target" },
  { name: 'git', purposes: ['test'], why: 'clones the checkout into bare roots' },
];

const EVERYTHING: readonly Purpose[] = ['build', 'serve'];

/** What a command of bin/run needs; one that is not named here needs no Debian package. */
export const COMMAND_PURPOSES: Readonly<Record<string, readonly Purpose[]>> = {
  demo: EVERYTHING,
  start: EVERYTHING,
  bench: EVERYTHING,
  setup: EVERYTHING,
  test: [...EVERYTHING, 'test'],
  'deb-mock': ['build'],
};
