using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Text;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Commands;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner;

/// <summary>
/// The program <c>makemore</c>. Exit codes: 0 done, 1 it failed at work, 2 the call or its input is wrong; 130, 143 and 129 interrupted by
/// SIGINT, SIGTERM and SIGHUP.
/// </summary>
public static class Program
{
    const int Failed = 1;
    const int WrongCall = 2;
    const int Interrupted = 130;
    const string InterruptedMessage = "interrupted";

    // What shells call a program that a signal has ended: 128 and the signal's number.
    static readonly Dictionary<PosixSignal, int> Signals = new()
    {
        [PosixSignal.SIGINT] = Interrupted,
        [PosixSignal.SIGTERM] = 143,
        [PosixSignal.SIGHUP] = 129,
    };

    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>
    /// Runs the program on the process's own streams, which are UTF-8 in every locale. Ctrl-C, SIGTERM and the end of the
    /// terminal stop work at the next safe point, and end the program where it comes to none for two seconds; the second of them ends it
    /// at once.
    /// </summary>
    /// <param name="args">The command line.</param>
    public static int Main(string[] args)
    {
        using var interruption = new Interruption();
        int interrupted = Interrupted;
        void Interrupt(PosixSignalContext signal)
        {
            if (interruption.Token.IsCancellationRequested)
            {
                return;
            }
            signal.Cancel = true;
            interrupted = Signals[signal.Signal];
            interruption.Request(() => End(interrupted));
            // Windows ends the program when this returns, where its console is closed.
            if (OperatingSystem.IsWindows() && signal.Signal != PosixSignal.SIGINT)
            {
                interruption.WaitForEnd();
            }
        }
        using PosixSignalRegistration onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using PosixSignalRegistration onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        using PosixSignalRegistration onHangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Interrupt);
        // The locale or the console's code page would else choose another encoding, and write '?' for every letter that it lacks. A console
        // of Windows keeps its code page when the program has ended.
        (Encoding inputEncoding, Encoding outputEncoding) = (Console.InputEncoding, Console.OutputEncoding);
        (Console.InputEncoding, Console.OutputEncoding) = (Utf8, Utf8);
        // ILGPU's finalizers free memory through the driver, and throw where the device was lost. The work that fails reports the loss.
        ExceptionHandling.SetUnhandledExceptionHandler(fault => fault is AcceleratorException);
        var output = new LenientWriter(Console.Out);
        Console.SetOut(output);
        Console.SetError(new LenientWriter(Console.Error));
        try
        {
            int exitCode = Run(args, Console.Out, Console.Error, interruption);
            interruption.Ended();
            if (exitCode == 0 && output.Fault is { } fault)
            {
                Console.Error.WriteLine($"makemore: standard output cannot be written: {Explanation.ReasonOf(fault)}");
                return Failed;
            }
            return exitCode == Interrupted ? interrupted : exitCode;
        }
        finally
        {
            (Console.InputEncoding, Console.OutputEncoding) = (inputEncoding, outputEncoding);
        }
    }

    /// <summary>Runs the program.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="output">Where results go.</param>
    /// <param name="error">Where diagnostics go.</param>
    /// <param name="cancellation">Stops work at the next safe point.</param>
    /// <returns>The exit code.</returns>
    public static int Run(IReadOnlyList<string> args, TextWriter output, TextWriter error, CancellationToken cancellation = default)
    {
        using var interruption = new Interruption(cancellation);
        return Run(args, output, error, interruption);
    }

    static int Run(IReadOnlyList<string> args, TextWriter output, TextWriter error, Interruption interruption)
    {
        ArgumentNullException.ThrowIfNull(error);
        var parser = new ParserConfiguration { ResponseFileTokenReplacer = null };
        ParseResult parsed = CommandLine.Root.Parse(args, parser);
        bool verbose = parsed.GetValue(CommonOptions.Verbose);
        int Explain(int exitCode, string message, Exception? fault = null)
        {
            error.WriteLine(ShownText.Line($"makemore: {message.ReplaceLineEndings(" ")}"));
            if (verbose && fault is not null)
            {
                error.WriteLine(ShownText.Lines(fault.ToString()));
            }
            return exitCode;
        }

        if (parsed.Errors.Count > 0)
        {
            return Explain(WrongCall, $"{WhatIsWrong(parsed)} (see {HelpCommand(parsed)})");
        }
        try
        {
            return parsed.Invoke(new Invocation(interruption)
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (InvalidRequestException fault)
        {
            return Explain(WrongCall, fault.Message, fault);
        }
        catch (OperationCanceledException canceled)
        {
            return Explain(Interrupted, canceled is InterruptedException ? canceled.Message : InterruptedMessage);
        }
        catch (OutOfMemoryException fault)
        {
            return Explain(Failed, "out of memory: use smaller sizes (--hidden, --batch, --context)", fault);
        }
        catch (AcceleratorException fault)
        {
            return Explain(Failed, DriverFault.Explain(fault), fault);
        }
        catch (Exception fault)
        {
            return Explain(Failed, Explanation.ReasonOf(fault), fault);
        }
    }

    // Work goes on meanwhile, and may hide the cursor.
    static void End(int exitCode)
    {
        if (!Console.IsOutputRedirected)
        {
            Console.CursorVisible = true;
        }
        Console.Error.WriteLine($"makemore: {InterruptedMessage}");
        Environment.Exit(exitCode);
    }

    static string WhatIsWrong(ParseResult parsed) => parsed switch
    {
        { UnmatchedTokens.Count: > 0 } => $"unknown command or option '{Explanation.Shorten(parsed.UnmatchedTokens[0])}'",
        { CommandResult.Command: RootCommand root } =>
            $"no command was given: use {string.Join(", ", root.Subcommands.Select(command => command.Name))}",
        _ => parsed.Tokens.Aggregate(parsed.Errors[0].Message.TrimEnd('.'), (message, token) => token.Value.Length > Explanation.MostOfText
            ? message.Replace(token.Value, Explanation.Shorten(token.Value), StringComparison.Ordinal)
            : message),
    };

    static string HelpCommand(ParseResult parsed)
    {
        var words = new List<string> { "--help" };
        for (CommandResult? called = parsed.CommandResult; called is { Command: not RootCommand }; called = called.Parent as CommandResult)
        {
            words.Insert(0, called.Command.Name);
        }
        return ProgramCall.With(words);
    }
}
