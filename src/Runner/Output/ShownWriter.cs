using System.Text;

namespace Makemore.Gpu.Runner.Output;

/// <summary>A stream for lines to read, of which each is written as <see cref="ShownText"/>.</summary>
/// <param name="stream">The stream.</param>
sealed class ShownWriter(TextWriter stream) : TextWriter
{
    /// <inheritdoc/>
    public override Encoding Encoding => stream.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => Write(value.ToString());

    /// <inheritdoc/>
    public override void Write(string? value) => stream.Write(ShownText.Line(value ?? ""));

    /// <inheritdoc/>
    public override void WriteLine() => stream.WriteLine();

    /// <inheritdoc/>
    public override void WriteLine(string? value) => stream.WriteLine(ShownText.Line(value ?? ""));

    /// <inheritdoc/>
    public override void Flush() => stream.Flush();
}
