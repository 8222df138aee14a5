using Makemore.Gpu.Kernels.Devices;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests;

/// <summary>What is refused must be refused in one line for the person who asked.</summary>
static class Refusal
{
    /// <summary>Runs what must be refused with an <see cref="InvalidRequestException"/>.</summary>
    /// <returns>The message, which is one line.</returns>
    public static string Of(Action action)
    {
        InvalidRequestException fault = Assert.Throws<InvalidRequestException>(action)!;
        AssertOneLine(fault);
        return fault.Message;
    }

    public static void AssertOneLine(Exception fault) => Assert.That(IsOneLine(fault), Is.True, fault.Message);

    public static bool IsOneLine(Exception fault) => fault.Message.Length > 0 && fault.Message == fault.Message.ReplaceLineEndings("");
}
