/** How many characters a person would count: code points, not UTF-16 units. */
export function codePointCount(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** The first `count` code points of the text. */
export function firstCodePoints(text: string, count: number): string {
  let end = 0;
  let left = count;
  for (const character of text) {
    if (left-- <= 0) break;
    end += character.length;
  }
  return text.slice(0, end);
}
