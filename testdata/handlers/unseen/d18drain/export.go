package drain

import "context"

// Run is Main without the signals.
func (k *Keeper) Run(ctx context.Context) error { return k.run(ctx) }
