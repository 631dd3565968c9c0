package output

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile writes a file whole or not at all: into a new file beside it, which then
// takes its place. What is no regular file, such as /dev/stdout, is written to as it
// is. The error says why in a few words, without the name.
func WriteFile(name string, data []byte) error {
	target, mode, plain, err := resolve(name)
	if err != nil {
		return reason(err)
	}
	if !plain {
		f, err := os.OpenFile(target, os.O_WRONLY, 0)
		if err != nil {
			return reason(err)
		}
		_, err = f.Write(data)
		return reason(errors.Join(err, f.Close()))
	}
	f, err := beside(target, mode)
	if err != nil {
		return reason(err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), target)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return reason(err)
}

// Writable tells why WriteFile will fail, before the work for it is done.
func Writable(name string) error {
	target, mode, plain, err := resolve(name)
	if err != nil || !plain {
		return reason(err)
	}
	f, err := beside(target, mode)
	if err != nil {
		return reason(err)
	}
	f.Close()
	return reason(os.Remove(f.Name()))
}

// resolve follows links, so that a link stays one, and tells whether the file is, or
// would be, a regular one; and with what permissions.
func resolve(name string) (target string, mode fs.FileMode, plain bool, err error) {
	if name == "" {
		return "", 0, false, errors.New("no file name is given")
	}
	target, err = filepath.EvalSymlinks(name)
	if errors.Is(err, fs.ErrNotExist) {
		return name, 0o666, true, nil
	}
	if err != nil {
		return "", 0, false, err
	}
	info, err := os.Stat(target)
	switch {
	case err != nil:
		return "", 0, false, err
	case info.IsDir():
		return "", 0, false, errors.New("is a directory")
	}
	return target, info.Mode().Perm(), info.Mode().IsRegular(), nil
}

// beside makes a new file in the directory of another, with a name that nobody guesses.
// os.CreateTemp is not used because nobody else may read what it makes.
func beside(name string, mode fs.FileMode) (*os.File, error) {
	free := filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+"."+rand.Text()[:8])
	return os.OpenFile(free, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
}

// reason is an error without the operation and the file name that the os package puts
// in front of it.
func reason(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
