namespace Makemore.Gpu.Runner.Output;

/// <summary>
/// Stops work from outside. Work that hears of it ends by itself, between two launches, pictures or examples. Where it does not, since it
/// waits for a pipe or computes something large, the process is ended for it.
/// </summary>
sealed class Interruption : IDisposable
{
    /// <summary>How long work has to end by itself, from the request on, or from the end of what must be finished.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    readonly object gate = new();
    readonly CancellationTokenSource? own;
    int unfinished;
    DateTime due = DateTime.MaxValue;
    bool hasEnded;

    /// <summary>An interruption of this program's own.</summary>
    public Interruption()
    {
        own = new CancellationTokenSource();
        Token = own.Token;
    }

    /// <summary>An interruption by somebody else's token, which ends no process.</summary>
    /// <param name="token">The token.</param>
    public Interruption(CancellationToken token)
    {
        Token = token;
    }

    /// <summary>Stops work at the next safe point.</summary>
    public CancellationToken Token { get; }

    /// <summary>Asks the work to end.</summary>
    /// <param name="end">Ends the process where it does not.</param>
    public void Request(Action end)
    {
        due = DateTime.UtcNow + Patience;
        new Thread(() => EndWhenDue(end)) { IsBackground = true }.Start();
        own!.Cancel();
    }

    /// <summary>Keeps the process from being ended until what is returned is disposed: for work that must not be lost.</summary>
    public IDisposable Finish()
    {
        lock (gate)
        {
            unfinished++;
        }
        return new Unfinished(this);
    }

    /// <summary>Says that the work has ended, and waits for ever where the process is being ended for it.</summary>
    public void Ended()
    {
        lock (gate)
        {
            hasEnded = true;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Waits until the work has ended.</summary>
    public void WaitForEnd()
    {
        lock (gate)
        {
            while (!hasEnded)
            {
                Monitor.Wait(gate);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => own?.Dispose();

    // The lock is held to the end: what has ended at the same time waits for it, and writes nothing more.
    void EndWhenDue(Action end)
    {
        lock (gate)
        {
            while (!hasEnded)
            {
                TimeSpan left = due - DateTime.UtcNow;
                if (unfinished == 0 && left <= TimeSpan.Zero)
                {
                    end();
                    return;
                }
                Monitor.Wait(gate, unfinished > 0 ? Timeout.InfiniteTimeSpan : left);
            }
        }
    }

    sealed class Unfinished(Interruption interruption) : IDisposable
    {
        public void Dispose()
        {
            lock (interruption.gate)
            {
                interruption.unfinished--;
                interruption.due = interruption.Token.IsCancellationRequested ? DateTime.UtcNow + Patience : interruption.due;
                Monitor.PulseAll(interruption.gate);
            }
        }
    }
}
