/**
 * Answer to one line of autopkgtest's virtualisation server protocol.
 *
 * @param command what `print-execute-command` is to give
 */
export function answer(line: string, command: readonly string[]): string {
  switch (line.split(' ')[0]) {
    case 'open':
      return 'ok /';
    case 'capabilities':
      return 'ok revert root-on-testbed isolation-container';
    case 'print-execute-command':
      return `ok ${command.map(encodeURIComponent).join(',')}`;
    case 'close':
    case 'quit':
      return 'ok';
    default:
      return `error ${JSON.stringify(line)} is not implemented`;
  }
}
