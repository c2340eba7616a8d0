/** All queues now. */
import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import type { QueueStatus } from '../../shared/operator-api/index.ts';
import { TIERS } from '../../shared/tiers.ts';
import { formatCount, formatDuration } from '../kit/format.ts';
import { PausedSign } from '../kit/status.tsx';

/** See the file. */
export function QueueTable({ status, onOpen }: { status: { queues: QueueStatus[] }; onOpen(queue: string): void }): ReactElement {
  const sorted = [...status.queues].sort((a, b) => TIERS.indexOf(a.tier) - TIERS.indexOf(b.tier) || a.queue.localeCompare(b.queue));
  return (
    <div className="table-scroll">
      <table className="table">
        <thead>
          <tr>
            <th>Queue</th><th>Tier</th><th className="right">Waiting</th><th className="right">Deferred</th><th className="right">Running</th>
            <th className="right">At once</th><th className="right">Oldest</th><th className="right">Completed</th><th>State</th><th className="right">Action</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((queue) => (
            <tr key={queue.queue}>
              <td className="mono">{queue.queue}</td>
              <td>{queue.tier}</td>
              <td className="right">{formatCount(queue.waiting)}</td>
              <td className="right">{formatCount(queue.deferred)}</td>
              <td className="right">{formatCount(queue.running)}</td>
              <td className="right">{formatCount(queue.concurrency)}</td>
              <td className="right">{formatDuration(queue.oldestMs)}</td>
              <td className="right">{formatCount(queue.completedTotal)}</td>
              <td title={queue.paused?.reason}>{queue.paused ? <PausedSign /> : <span className="quiet">taking jobs</span>}</td>
              <td>
                <div className="queue-action">
                  <Button variant="default" size="compact-xs" onClick={() => onOpen(queue.queue)} aria-label={`${queue.paused ? 'Resume' : 'Pause'} ${queue.queue}`}>
                    {queue.paused ? 'Resume…' : 'Pause…'}
                  </Button>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
