/** What a graph says to whoever hears it. */
import { t } from '../../shared/i18n/translate.ts';

/** @param onNode what Enter does on a node, said already */
export function graphLabels(onNode: string): Record<string, string> {
  return {
    'node.a11yDescription.default': onNode,
    'controls.ariaLabel': t('Zoom'),
    'controls.zoomIn.ariaLabel': t('Zoom in'),
    'controls.zoomOut.ariaLabel': t('Zoom out'),
    'controls.fitView.ariaLabel': t('Fit everything'),
    'minimap.ariaLabel': t('Map of the graph'),
  };
}
