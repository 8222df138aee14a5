using System.Text.Json;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Measuring;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Bench;

/// <summary>What <c>bench --json</c> has written.</summary>
/// <param name="Path">The file.</param>
/// <param name="Measured">What was measured.</param>
sealed record BenchFile(string Path, BenchFile.Content Measured)
{
    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidRequestException">It cannot be read, or is something else.</exception>
    public static BenchFile Read(string path)
    {
        try
        {
            return new(path, JsonSerializer.Deserialize<Content>(File.ReadAllText(path), Json) ?? throw new JsonException());
        }
        catch (JsonException fault)
        {
            throw new InvalidRequestException($"'{path}' is not what bench --json writes: make it anew", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InvalidRequestException($"'{path}' cannot be read: {RegularFile.WhyUnreadable(path, fault)}", fault);
        }
    }

    /// <summary>How long steps of training take in a form; null where no step of that form was measured.</summary>
    /// <param name="device">The device that will train.</param>
    /// <param name="strategy">layered or fused.</param>
    /// <exception cref="InvalidRequestException">Another device was measured.</exception>
    public StepForecast? ForecastFor(FoundDevice device, string strategy)
    {
        if (Measured.Description != device.Description)
        {
            throw new InvalidRequestException(
                $"'{Path}' was measured on {Measured.Description}, and {device.Name} is {device.Description}: "
                + $"use {ProgramCall.With("bench", "--accelerator", device.Name, "--json")}");
        }
        (double, double)[] steps =
        [
            .. Measured.Lectures.Concat(Measured.Large)
                .Where(operation => operation.Operation == TrainingOperations.NameOf(strategy) && operation is { Flops: > 0, Seconds: > 0 })
                .Select(operation => (operation.Flops, operation.Seconds)),
        ];
        return steps.Length == 0 ? null : new StepForecast(steps);
    }

    /// <summary>The content that is of use.</summary>
    /// <param name="Description">The device.</param>
    /// <param name="Lectures">The operations at the lectures' sizes.</param>
    /// <param name="Large">The same at large sizes.</param>
    internal sealed record Content(string Description, IReadOnlyList<MeasuredOperation> Lectures, IReadOnlyList<MeasuredOperation> Large);

    /// <summary>An operation.</summary>
    /// <param name="Operation">Its name.</param>
    /// <param name="Seconds">Its time.</param>
    /// <param name="Flops">Its floating-point operations.</param>
    internal sealed record MeasuredOperation(string Operation, double Seconds, double Flops);
}
