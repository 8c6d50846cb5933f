/**
 * The autopkgtest virtualisation server through which sbuild reaches a sandbox, run by sbuild with the command that
 * runs another one in the sandbox as its arguments. The sandbox lives and dies with the build's own process; here it
 * is only introduced. The protocol is that of autopkgtest's doc/README.virtualisation-server.rst.
 */
import { createInterface } from 'node:readline';
import { answer } from './virt-protocol.js';

const command = process.argv.slice(2);
console.log('ok');
for await (const line of createInterface({ input: process.stdin })) {
  console.log(answer(line, command));
  if (line === 'quit') break;
}
// sbuild waits for this process to end, and keeps the other end of its input open.
process.stdin.destroy();
