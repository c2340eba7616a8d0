/** The table of rooms (docs: ARCHITECTURE): who may import whom. A tool keeps it, not goodwill. */

/** Folders of ours that a room may import from, beside itself. */
const ROOMS = {
  shared: [],
  embedded: ['shared'],
  main: ['shared', 'embedded'],
  electron: ['shared'],
  renderer: ['shared'],
};

const rooms = Object.entries(ROOMS).map(([room, mayImport]) => ({
  name: `${room}-imports-only-${mayImport.join('-and-') || 'itself'}`,
  severity: 'error',
  from: { path: `^${room}/`, pathNot: room === 'electron' ? '^electron/\\w+\\.utility\\.ts$' : [] },
  to: { path: `^(${Object.keys(ROOMS).filter((other) => other !== room && !mayImport.includes(other)).join('|')})/` },
}));

export default {
  forbidden: [
    ...rooms,
    { name: 'only-utility-processes-host-main', severity: 'error', from: { path: '^electron/\\w+\\.utility\\.ts$' }, to: { path: '^(renderer|embedded)/', pathNot: '^embedded/data-folder\\.ts$' } },
    { name: 'only-electron-imports-electron', severity: 'error', from: { pathNot: '^(electron|tests/electron)/' }, to: { path: '^(node_modules/)?electron($|/)' } },
    { name: 'shared-does-no-io', severity: 'error', from: { path: '^shared/', pathNot: '\\.test\\.ts$' }, to: { dependencyTypes: ['core'] } },
    { name: 'renderer-touches-no-node', severity: 'error', from: { path: '^renderer/', pathNot: '\\.test\\.tsx?$|^renderer/vite\\.config\\.ts$' }, to: { dependencyTypes: ['core'] } },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, pathNot: ['^renderer/public/', '\\.d\\.ts$', '\\.test\\.tsx?$', 'vite\\.config\\.ts$'] }, to: {} },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(out|dist)/' },
    // TypeScript 7 has no API for it to parse with yet; swc has.
    parser: 'swc',
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'], extensions: ['.ts', '.tsx', '.js', '.mjs', '.json', '.css'] },
  },
};
