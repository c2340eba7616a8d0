/**
 * How the services' Node is started, wherever we start it (`npm start` says the same in package.json). Plain JavaScript, since
 * scripts/spine.js needs it.
 *
 * V8's young generation begins with 2 MiB and grows when enough has survived; under load it takes minutes to reach the 64 MiB
 * that Node allows. Until then three or four collections a second find a third of everything still in use, for a job lives some
 * ten milliseconds, and copy it, with all work standing still. So it has its full size from the start: docs/adr/0018.
 */
export const SERVICES_NODE_FLAGS = ['--min-semi-space-size=64'];
