// Plain CommonJS that any Node of the last ten years runs: it explains what to
// do where the code itself, which needs type stripping, could only fail oddly.
'use strict';

var NEEDED_MAJOR = 24;
var major = Number(process.versions.node.split('.')[0]);

if (major < NEEDED_MAJOR) {
  console.error(
    'Node ' +
      NEEDED_MAJOR +
      ' is needed, this is ' +
      process.versions.node +
      '. Run "npm ci": it brings Node ' +
      NEEDED_MAJOR +
      " into node_modules/.bin, which npm's own commands use." +
      ' Where npm skipped install scripts, run "npm rebuild node" after it.',
  );
  process.exit(1);
}
