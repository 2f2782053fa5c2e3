//! Call stacks, from the entries and exits of instrumented functions.
//!
//! A stack is a node of a tree of calls, so that an access keeps it in one word. A call gets its node when something
//! in it is first kept: most calls never do.

/// The root: nothing has been called.
pub const ROOT: u32 = 0;

#[derive(Clone, Copy, Debug)]
struct Node {
    parent: u32,
    sibling: u32,
    child: u32,
    /// Where the call returns to.
    pc: u64,
}

/// The tree, and the stacks that were kept.
#[derive(Debug)]
pub struct Contexts {
    nodes: Vec<Node>,
    kept: Vec<(u32, u64)>,
}

impl Default for Contexts {
    fn default() -> Self {
        Contexts { nodes: vec![Node { parent: 0, sibling: 0, child: 0, pc: 0 }], kept: Vec::new() }
    }
}

/// The calls that a thread is in.
#[derive(Debug, Default)]
pub struct Calls(Vec<(u64, u32)>);

impl Calls {
    /// A function was entered, which returns to `pc`.
    #[inline]
    pub fn enter(&mut self, pc: u64) {
        self.0.push((pc, ROOT));
    }

    /// The last one is left.
    #[inline]
    pub fn leave(&mut self) {
        self.0.pop();
    }

    /// The node of the stack as it is.
    #[inline]
    pub fn node(&mut self, contexts: &mut Contexts) -> u32 {
        match self.0.last() {
            Some((_, node)) if *node != ROOT => *node,
            None => ROOT,
            Some(_) => self.make(contexts),
        }
    }

    fn make(&mut self, contexts: &mut Contexts) -> u32 {
        let known = self.0.iter().rposition(|(_, node)| *node != ROOT);
        let mut node = known.map_or(ROOT, |at| self.0[at].1);
        for (pc, slot) in &mut self.0[known.map_or(0, |at| at + 1)..] {
            node = contexts.child(node, *pc);
            *slot = node;
        }
        node
    }
}

impl Contexts {
    fn child(&mut self, parent: u32, pc: u64) -> u32 {
        let mut at = self.nodes[parent as usize].child;
        while at != ROOT {
            let node = &self.nodes[at as usize];
            if node.pc == pc {
                return at;
            }
            at = node.sibling;
        }
        let new = self.nodes.len() as u32;
        let sibling = std::mem::replace(&mut self.nodes[parent as usize].child, new);
        self.nodes.push(Node { parent, sibling, child: ROOT, pc });
        new
    }

    /// Keeps the stack that ends in `node`, at `pc` in its last function (0: not known); gives its number.
    pub fn keep(&mut self, node: u32, pc: u64) -> u32 {
        self.kept.push((node, pc));
        self.kept.len() as u32 - 1
    }

    /// Where the calls of a stack return to, innermost first.
    pub fn calls(&self, node: u32) -> impl Iterator<Item = u64> + '_ {
        let of = |node: u32| (node != ROOT).then(|| &self.nodes[node as usize]);
        std::iter::successors(of(node), move |node| of(node.parent)).map(|node| node.pc)
    }

    /// All kept stacks, each as the addresses of its calls, innermost first.
    pub fn stacks(&self) -> impl Iterator<Item = Vec<u64>> + '_ {
        self.kept.iter().map(|(node, pc)| {
            let pc = Some(*pc).into_iter().filter(|pc| *pc != 0);
            pc.chain(self.calls(*node)).collect()
        })
    }
}
