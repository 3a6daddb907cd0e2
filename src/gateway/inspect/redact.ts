/** Takes secrets and pictures out of a body that people will read. What it does not know stays: it is no vault. Pure. */

const MASK = '[redacted]';

/** Each is tried at a place once and reads on from there: a body of megabytes takes one pass of each. */
const SECRETS: readonly RegExp[] = [
  /\b(?:drv_[a-z0-9]{8}_|drover-slot-|sk-|pk-|rk-|hf_|gh[pousr]_|xox[abpr]-|AKIA|AIza)[\w-]{12,}/g,
  /(?<=\bBearer )[\w.~+/=-]{8,}/g,
  /(?<=\bAuthorization: Basic )[\w+/=-]{4,}/gi,
  // The password in the address of a server.
  /(?<=\b[a-z][\w+.-]{1,20}:\/\/[^\s:@/"]{0,60}:)[^\s@/"]{1,200}(?=@)/gi,
  /(?<=\beyJ)[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g,
];
/** A field whose name says that its value is secret. */
const FIELD =
  /("[\w-]{0,40}(?:password|passwd|secret|token|api[_-]?key|authorization|credential)[\w-]{0,40}" {0,4}: {0,4}")(?:[^"\\]|\\.)*/gi;
/** The same outside of JSON, as in a shell. */
const ASSIGNED =
  /(?<![\w-])([\w-]{0,40}(?:password|passwd|secret|token|(?:api|access)[_-]?key|credential)=(?:\\?["'])?)[^\s"'\\&;,)]+/gi;
const PICTURE = /data:[\w.+-]{1,40}\/[\w.+-]{1,40};base64,([\w+/=]+)/g;

export function redact(text: string): string {
  const named = text.replace(FIELD, `$1${MASK}`).replace(ASSIGNED, `$1${MASK}`);
  const plain = SECRETS.reduce((left, secret) => left.replace(secret, MASK), named);
  return plain.replace(PICTURE, (_all, data: string) => `[${Math.round((data.length * 3) / 4)} bytes]`);
}
