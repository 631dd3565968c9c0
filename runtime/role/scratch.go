package role

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"sync"
)

// Scratch is the local folder of an instance, with a quota. It is discarded, with all
// that is in it, when the instance is stopped, killed or frozen; after a thaw it is
// empty. Safe for concurrent use.
//
// Names are slash-separated and relative to the folder; what leads out of it fails. A
// killed or stopped instance gets ErrKilled or ErrStopped, a frozen one waits.
type Scratch struct {
	gate   *gate
	quota  int64
	parent string
	prefix string

	mu    sync.Mutex
	root  *os.Root // nil until the first write, and after a discard
	sizes map[string]int64
	used  int64
}

// QuotaError is the error of a write that would not fit. Nothing of it was written.
type QuotaError struct {
	Name  string
	Quota int64 // bytes
	Used  int64 // bytes, before the write
	Need  int64 // bytes that the write would have added
}

func (e *QuotaError) Error() string {
	return fmt.Sprintf("role: local scratch is full: %s needs %d bytes more, %d of %d are used", e.Name, e.Need, e.Used, e.Quota)
}

func newScratch(g *gate, quota int64, parent, prefix string) *Scratch {
	return &Scratch{gate: g, quota: max(quota, 0), parent: parent, prefix: prefix, sizes: map[string]int64{}}
}

// Quota is how many bytes the files may have together.
func (s *Scratch) Quota() int64 { return s.quota }

// Used is how many bytes the files have together.
func (s *Scratch) Used() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.used
}

// Append adds data to the end of a file, which is made if need be. It fails with a
// *QuotaError when data does not fit.
func (s *Scratch) Append(name string, data []byte) error {
	return s.write(name, data, os.O_APPEND)
}

// WriteFile makes or replaces a file. It fails with a *QuotaError when data does not
// fit beside the other files; the old content is then still there.
func (s *Scratch) WriteFile(name string, data []byte) error {
	return s.write(name, data, os.O_TRUNC)
}

func (s *Scratch) write(name string, data []byte, how int) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.mu.Unlock()
	name = path.Clean(name)
	size := int64(len(data))
	if how == os.O_APPEND {
		size += s.sizes[name]
	}
	if need := size - s.sizes[name]; s.used+need > s.quota {
		return &QuotaError{Name: name, Quota: s.quota, Used: s.used, Need: need}
	}
	if err := s.open(); err != nil {
		return err
	}
	if dir := path.Dir(name); dir != "." {
		if err := s.root.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	f, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|how, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		// Whatever was written counts, so that a full disk does not open the quota.
		if info, statErr := s.root.Stat(name); statErr == nil {
			size = info.Size()
		}
	}
	s.used += size - s.sizes[name]
	s.sizes[name] = size
	return err
}

// ReadFile returns a file. It fails with fs.ErrNotExist when there is none.
func (s *Scratch) ReadFile(name string) ([]byte, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	if s.root == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return s.root.ReadFile(name)
}

// Rename gives a file another name, and replaces what had it.
func (s *Scratch) Rename(from, to string) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.mu.Unlock()
	from, to = path.Clean(from), path.Clean(to)
	if s.root == nil {
		return &fs.PathError{Op: "rename", Path: from, Err: fs.ErrNotExist}
	}
	if err := s.root.Rename(from, to); err != nil || from == to {
		return err
	}
	s.used -= s.sizes[to]
	s.sizes[to] = s.sizes[from]
	delete(s.sizes, from)
	return nil
}

// Remove deletes a file. It fails with fs.ErrNotExist when there is none.
func (s *Scratch) Remove(name string) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.mu.Unlock()
	name = path.Clean(name)
	if s.root == nil {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	}
	if err := s.root.Remove(name); err != nil {
		return err
	}
	s.used -= s.sizes[name]
	delete(s.sizes, name)
	return nil
}

// enter locks s when the instance may act. It looks again under the lock, which discard
// needs as well: nothing can be written between the end of a machine and the discard.
func (s *Scratch) enter() error {
	for {
		if err := s.gate.pass(); err != nil {
			return err
		}
		s.mu.Lock()
		if thawed, ended := s.gate.state(); ended == nil && thawed == nil {
			return nil
		}
		s.mu.Unlock()
	}
}

// open makes the folder: late, so that instances that write nothing cost nothing.
func (s *Scratch) open() error {
	if s.root != nil {
		return nil
	}
	dir, err := os.MkdirTemp(s.parent, s.prefix+"-scratch-*")
	if err != nil {
		return err
	}
	s.root, err = os.OpenRoot(dir)
	return err
}

// discard deletes everything.
func (s *Scratch) discard() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.root == nil {
		return
	}
	dir := s.root.Name()
	s.root.Close()
	_ = os.RemoveAll(dir) // a folder left behind harms nobody
	s.root, s.used = nil, 0
	clear(s.sizes)
}
