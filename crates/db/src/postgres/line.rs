//! One connection, asked and waited for on a thread that may block.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
};

use futures_util::FutureExt as _;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, Error};

pub(super) struct Line {
    client: Client,
    runtime: Runtime,
    /// What has to be said before the next question.
    first: Option<&'static str>,
}

impl Line {
    /// Drives what connects, and the connection from then on.
    pub(super) fn new<D>(connecting: impl Future<Output = Result<(Client, D), Error>>) -> Result<Self, crate::Error>
    where
        D: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let unavailable = |error: std::io::Error| crate::Error::Unavailable(error.to_string());
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(unavailable)?;
        let (client, driven) = runtime
            .block_on(connecting)
            .map_err(|error| super::connector::unreachable(&error))?;
        // What goes wrong with it is told by the questions.
        runtime.spawn(driven.map(drop));
        Ok(Self {
            client,
            runtime,
            first: None,
        })
    }

    /// Says something with the next question, without waiting for an answer in between.
    pub(super) fn begin(&mut self, begin: &'static str) {
        self.first = Some(begin);
    }

    /// Whether nothing was asked since the beginning, of which the server then does not know; it is forgotten.
    pub(super) fn has_asked_nothing(&mut self) -> bool {
        self.first.take().is_some()
    }

    /// Asks and waits for the answer.
    pub(super) fn ask<'a, T, F>(&'a mut self, question: impl FnOnce(&'a Client) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let (client, first) = (&self.client, self.first.take());
        let Some(first) = first else {
            return self.runtime.block_on(question(client));
        };
        self.runtime.block_on(async {
            let mut first = pin!(client.batch_execute(first));
            // It is on its way once it has been polled; the question follows on its heels.
            let said = begun(first.as_mut()).await;
            let answer = question(client).await;
            match said {
                Poll::Ready(said) => said?,
                Poll::Pending => first.await?,
            }
            answer
        })
    }

    /// Says something, and does not wait for the answer: it comes before that to the next question.
    pub(super) fn tell(&mut self, text: &str) {
        self.runtime.block_on(async {
            let _ = begun(pin!(self.client.batch_execute(text))).await;
            tokio::task::yield_now().await;
        });
    }
}

/// Begins something: what it says is on its way then.
async fn begun<F: Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await
}
