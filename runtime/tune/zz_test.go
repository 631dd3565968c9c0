package tune
import ("testing";"time";"fmt")
func TestZZ(t *testing.T){
 for _, name := range []string{"short","medium","long"} {
  d,_ := Sample(name)
  fmt.Println(name, d.Mean(), d.Quantile(.5), d.Quantile(.99), d.Quantile(.999), d.Quantile(1))
  for _, s := range []Setting{SDKDefault, RuntimeDefault, {Visibility:600*time.Second, Timeout:time.Second, Retry:Retry{3,0}}} {
   t0 := time.Now(); reqs:=0
   for seed := uint64(1); seed<=4; seed++ {
    r, err := Simulate(World{Work:d, LostRequests:0.01, LostAnswers:.01, Crash: time.Hour}, s, seed)
    if err!=nil {t.Fatal(err)}
    var sum time.Duration; for _,x := range r.Delays {sum+=x}
    reqs+=r.Requests
    fmt.Println(s, r.Executions, r.Undone, r.Requests, sum/time.Duration(len(r.Delays)))
   }
   fmt.Println(time.Since(t0), reqs)
  }
 }
}
