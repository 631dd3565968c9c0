package tune
import ("testing";"time";"fmt";"os")
func TestZZ(t *testing.T){
 for _, name := range []string{"short","medium","long"} {
  d,_ := Sample(name)
  t0 := time.Now()
  c, err := Search(World{Work:d}, Grid{}, Price{}, Effort{Runs:10})
  if err!=nil {t.Fatal(err)}
  c.WriteTable(os.Stdout)
  fmt.Println(time.Since(t0))
 }
 s, err := Sends(World{}, Grid{}, Effort{})
  if err!=nil {t.Fatal(err)}
 WriteSends(os.Stdout, s)
}
