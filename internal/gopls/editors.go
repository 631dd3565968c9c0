package gopls

import (
	"fmt"
	"io"
	"strconv"
)

// Editors writes, for each editor, the settings that make it use the program.
func Editors(out io.Writer, program string) error {
	for _, e := range []struct{ editor, file, text string }{
		{"VS Code", "settings.json", `"go.alternateTools": { "gopls": %s }`},
		{"Neovim 0.11 or later", "init.lua", "vim.lsp.config(\"gopls\", { cmd = { %s }, filetypes = { \"go\", \"gomod\", \"gowork\" }, root_markers = { \"go.work\", \"go.mod\", \".git\" } })\nvim.lsp.enable(\"gopls\")"},
		{"Helix", "languages.toml", "[language-server.gopls]\ncommand = %s"},
		{"Emacs with eglot", "init.el", "(with-eval-after-load 'eglot\n  (add-to-list 'eglot-server-programs '((go-mode go-ts-mode) . (%s))))"},
	} {
		// All four take a string in double quotes with the same escapes.
		if _, err := fmt.Fprintf(out, "\n%s, %s:\n\n"+e.text+"\n", e.editor, e.file, strconv.Quote(program)); err != nil {
			return err
		}
	}
	return nil
}
