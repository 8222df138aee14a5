using System.Diagnostics;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>The time in which at least one of several threads is at work.</summary>
sealed class SharedClock
{
    readonly Stopwatch time = new();
    readonly Lock gate = new();
    int working;

    /// <summary>The time so far.</summary>
    public TimeSpan Elapsed => time.Elapsed;

    /// <summary>Says that a thread is at work until what is returned is disposed.</summary>
    public IDisposable Start()
    {
        lock (gate)
        {
            working++;
            time.Start();
        }
        return new Work(this);
    }

    void Stop()
    {
        lock (gate)
        {
            if (--working == 0)
            {
                time.Stop();
            }
        }
    }

    sealed class Work(SharedClock clock) : IDisposable
    {
        public void Dispose() => clock.Stop();
    }
}
