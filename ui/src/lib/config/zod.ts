import { z } from 'zod'

// The content security policy forbids eval, which zod would otherwise try once and fall back from with a report.
z.config({ jitless: true })

export { z }
