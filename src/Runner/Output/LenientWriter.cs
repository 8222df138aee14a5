using System.Text;

namespace Makemore.Gpu.Runner.Output;

/// <summary>
/// A standard stream whose reader may go away and whose disk may fill up, without an end to the work: from its first fault on, nothing is
/// written.
/// </summary>
/// <param name="stream">The stream.</param>
sealed class LenientWriter(TextWriter stream) : TextWriter
{
    /// <summary>The first fault; null while there was none.</summary>
    public IOException? Fault { get; private set; }

    /// <inheritdoc/>
    public override Encoding Encoding => stream.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => Try(() => stream.Write(value));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Try(() => stream.Write(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(string? value) => Try(() => stream.Write(value));

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Try(() => stream.WriteLine(value));

    /// <inheritdoc/>
    public override void Flush() => Try(stream.Flush);

    void Try(Action write)
    {
        if (Fault is not null)
        {
            return;
        }
        try
        {
            write();
        }
        catch (IOException fault)
        {
            Fault = fault;
        }
    }
}
