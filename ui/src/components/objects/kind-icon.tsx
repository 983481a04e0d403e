import {
  Box,
  CalendarClock,
  CirclePlay,
  Database,
  FileCode,
  FileSliders,
  Folder,
  Gauge,
  Globe,
  Group,
  HardDrive,
  IdCard,
  KeyRound,
  Layers,
  LifeBuoy,
  type LucideIcon,
  type LucideProps,
  Network,
  Puzzle,
  Ruler,
  Shield,
  StickyNote,
  TrendingUp,
  UserCheck,
} from 'lucide-react'
import { createElement } from 'react'

const ICONS = new Map<string, LucideIcon>(
  Object.entries({
    box: Box,
    'calendar-clock': CalendarClock,
    'circle-play': CirclePlay,
    database: Database,
    'file-code': FileCode,
    'file-sliders': FileSliders,
    folder: Folder,
    gauge: Gauge,
    globe: Globe,
    group: Group,
    'hard-drive': HardDrive,
    'id-card': IdCard,
    'key-round': KeyRound,
    layers: Layers,
    'life-buoy': LifeBuoy,
    network: Network,
    puzzle: Puzzle,
    ruler: Ruler,
    shield: Shield,
    'sticky-note': StickyNote,
    'trending-up': TrendingUp,
    'user-check': UserCheck,
  }),
)

/** The picture of an icon key; one that is not known is a box. */
export function KindIcon({ name, ...props }: LucideProps & { name: string }) {
  return createElement(ICONS.get(name) ?? Box, { 'aria-hidden': true, strokeWidth: 1.75, ...props })
}
