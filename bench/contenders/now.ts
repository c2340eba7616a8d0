/** Epoch ms with fractions, comparable between processes of one machine: whole ones are as coarse as what is measured. */
export const nowMs = (): number => performance.timeOrigin + performance.now();
