// The rows of the table in Go: see rows.rs.
package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

func spawnJoin(n int) {
	for i := 0; i < n; i++ {
		done := make(chan struct{})
		go func() { close(done) }()
		<-done
	}
}

func spawnMany(n int) {
	var all sync.WaitGroup
	for i := 0; i < n; i++ {
		all.Add(1)
		go func() { all.Done() }()
	}
	all.Wait()
}

func pingPong(n, room int) {
	ping, pong := make(chan int, room), make(chan int, room)
	go func() {
		for ball := range ping {
			pong <- ball
		}
	}()
	for i := 0; i < n; i++ {
		ping <- i
		<-pong
	}
	close(ping)
}

func stream(n int) {
	c := make(chan int, 128)
	go func() {
		for i := 0; i < n; i++ {
			c <- i
		}
		close(c)
	}()
	for range c {
	}
}

func fanIn(n int) {
	c := make(chan int)
	for i := 0; i < 8; i++ {
		go func() {
			for j := 0; j < n/8; j++ {
				c <- j
			}
		}()
	}
	for i := 0; i < n/8*8; i++ {
		<-c
	}
}

func mutex(n int) {
	var lock sync.Mutex
	var all sync.WaitGroup
	for i := 0; i < 8; i++ {
		all.Add(1)
		go func() {
			for j := 0; j < n/8; j++ {
				lock.Lock()
				lock.Unlock()
			}
			all.Done()
		}()
	}
	all.Wait()
}

func selectFour(n int) {
	var cs [4]chan int
	for i := range cs {
		c := make(chan int)
		cs[i] = c
		go func() {
			for j := 0; j < n/4; j++ {
				c <- j
			}
		}()
	}
	for i := 0; i < n/4*4; i++ {
		select {
		case <-cs[0]:
		case <-cs[1]:
		case <-cs[2]:
		case <-cs[3]:
		}
	}
}

func sleeping(n int) {
	var all sync.WaitGroup
	for i := 0; i < n; i++ {
		all.Add(1)
		go func() {
			time.Sleep(100 * time.Millisecond)
			all.Done()
		}()
	}
	all.Wait()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func scraper(n int) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	address := listener.Addr().String()
	go func() {
		for i := 0; i < n; i++ {
			stream, err := listener.Accept()
			must(err)
			go func() {
				number := make([]byte, 8)
				_, err := io.ReadFull(stream, number)
				must(err)
				_, err = stream.Write(number)
				must(err)
				stream.Close()
			}()
		}
	}()
	slots := make(chan struct{}, 100)
	var all sync.WaitGroup
	for i := 0; i < n; i++ {
		slots <- struct{}{}
		all.Add(1)
		go func() {
			stream, err := net.Dial("tcp", address)
			must(err)
			asked, answer := make([]byte, 8), make([]byte, 8)
			binary.BigEndian.PutUint64(asked, uint64(i))
			_, err = stream.Write(asked)
			must(err)
			_, err = io.ReadFull(stream, answer)
			must(err)
			if binary.BigEndian.Uint64(answer) != uint64(i) {
				panic("another answer")
			}
			stream.Close()
			<-slots
			all.Done()
		}()
	}
	all.Wait()
}

func resident() int {
	text, _ := os.ReadFile("/proc/self/statm")
	pages, _ := strconv.Atoi(strings.Fields(string(text))[1])
	return pages * 4096
}

func idleBytes(n int) int {
	before := resident()
	var ready sync.WaitGroup
	gate := make(chan struct{})
	ready.Add(n)
	for i := 0; i < n; i++ {
		go func() {
			ready.Done()
			<-gate
		}()
	}
	ready.Wait()
	return (resident() - before) / n
}

func main() {
	n, _ := strconv.Atoi(os.Args[2])
	spawnMany(100)
	begun := time.Now()
	switch os.Args[1] {
	case "spawn_join":
		spawnJoin(n)
	case "spawn_many":
		spawnMany(n)
	case "ping_pong":
		pingPong(n, 0)
	case "ping_pong_buffered":
		pingPong(n, 1)
	case "stream":
		stream(n)
	case "fan_in":
		fanIn(n)
	case "mutex":
		mutex(n)
	case "select":
		selectFour(n)
	case "sleeping":
		sleeping(n)
	case "scraper":
		scraper(n)
	case "idle_bytes":
		fmt.Println(idleBytes(n))
		return
	default:
		panic("no such row")
	}
	fmt.Println(time.Since(begun).Nanoseconds() / int64(n))
}
