/** Grammars as text: any JSON object, and what the library writes for a schema, without its tail. Pure. */

/** An object with little white space: a model that may indent for ever does. */
export const JSON_GRAMMAR = String.raw`root ::= object
value ::= object | array | string | number | "true" | "false" | "null"
object ::= "{" ws ( member ("," ws member)* )? ws "}"
member ::= string ":" ws value
array ::= "[" ws ( value ("," ws value)* )? ws "]"
string ::= "\"" ( [^"\\\x7F\x00-\x1F] | "\\" ( ["\\/bfnrt] | "u" [0-9a-fA-F]{4} ) )* "\""
number ::= "-"? ( "0" | [1-9] [0-9]{0,15} ) ( "." [0-9]{1,16} )? ( [eE] [-+]? [0-9]{1,3} )?
ws ::= ( " " | "\n" [ \t]{0,16} )?
`;

/** Line breaks by which the library's own chat notices the end; our answers end with the value itself. */
const TAIL = String.raw` "\n\n\n\n" [\n]*`;

export function withoutTail(grammar: string): string {
  return grammar.replace(TAIL, '');
}
