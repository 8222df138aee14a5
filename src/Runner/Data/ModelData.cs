using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Data;

/// <summary>The names that a model was trained on.</summary>
static class ModelData
{
    /// <summary>Reads the names that were asked for; else those that the model was trained on, wherever they are found.</summary>
    /// <param name="model">The model.</param>
    /// <param name="asked">The file that was asked for, or null.</param>
    /// <param name="format">How to read it: as the model's was, but for what was asked for.</param>
    /// <param name="session">Where to say that the names are others than the model's, and that reading takes long.</param>
    /// <param name="mustBeSame">Whether names that are others are refused.</param>
    /// <exception cref="InvalidRequestException">They cannot be found, or do not fit the model.</exception>
    public static Dataset Read(ModelFile model, string? asked, NamesFormat format, Session session, bool mustBeSame = false)
    {
        NamesFile names = asked is null ? Find(model, session) : SlowReading.Read(session, asked, format);
        string source = DataSource.Shown(model.DataSource, FolderOf(model));
        bool isOther = names.Sha256 != model.DataSha256;
        Explanation difference = $"the model was trained on {source} (SHA-256 {model.DataSha256}), "
            + $"and this is {names.Source} (SHA-256 {names.Sha256})";
        if (isOther && asked is null && model.DataSource == NamesFile.StandardInputSource)
        {
            throw new InvalidRequestException(
                $"the model was trained on {source}, which cannot be read again: give --data with the file to evaluate on");
        }
        if (isOther && asked is null)
        {
            throw new InvalidRequestException($"{difference}: give --data with the file to evaluate on");
        }
        if (isOther && mustBeSame)
        {
            throw new InvalidRequestException($"{difference}: give the same names, or train anew on these");
        }
        Dataset data = Dataset.Create(names, model.Configuration.Recipe.Context, model.Vocabulary);
        if (isOther)
        {
            // After the data were read: where that fails, the error is the only line.
            session.Note($"note: {difference}");
        }
        return data;
    }

    /// <summary>
    /// The names that a model was trained on and evaluated on: those that it holds, or those of its data, wherever they are found; null
    /// where neither is there, which is said in a line.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="session">Where to say it.</param>
    /// <param name="neededBy">The option that needs them, or null.</param>
    /// <exception cref="InvalidRequestException">An option needs them, and they are not there.</exception>
    public static KnownNames? FindKnown(ModelFile model, Session session, string? neededBy = null)
    {
        if (model.KnownNames is { } names)
        {
            return names;
        }
        try
        {
            NamesFile found = Find(model, session);
            if (found.Sha256 == model.DataSha256)
            {
                return KnownNames.Of(found);
            }
        }
        catch (InvalidRequestException)
        {
            // What cannot be read is not found. The names are for marks alone.
        }
        string source = DataSource.Shown(model.DataSource, FolderOf(model));
        Explanation reason = $"the model does not hold its names, and {source} is not found as it was";
        if (neededBy is not null)
        {
            throw new InvalidRequestException(
                $"{neededBy} needs to know which names are new: {reason}; put that file where it was, or train the model again");
        }
        session.Note($"note: which names are new is unknown: {reason}");
        return null;
    }

    /// <summary>Refuses losses that are no numbers, as those of a model that has diverged, or was drawn too large.</summary>
    /// <param name="losses">The losses.</param>
    /// <param name="step">The steps that it was trained for.</param>
    /// <exception cref="InvalidRequestException">One is infinite or not a number.</exception>
    public static void CheckFinite(IEnumerable<double> losses, int step)
    {
        if (!losses.All(double.IsFinite))
        {
            throw new InvalidRequestException($"the model gives losses that are not finite numbers: {ModelFile.WhyNotFinite(step)}");
        }
    }

    /// <summary>
    /// Names that were trained on: where they were said to be; else where names are without an option, which may be others.
    /// </summary>
    /// <param name="session">Where to say that reading takes long.</param>
    /// <param name="source">Where they were.</param>
    /// <param name="sha256">The SHA-256 of their content.</param>
    /// <param name="format">How they were read.</param>
    /// <param name="folder">The folder that the source is told from, before the working folder.</param>
    public static NamesFile Find(Session session, string source, string sha256, NamesFormat format, string? folder) =>
        DataSource.Candidates(source, folder)
            .Select(path => TryRead(session, path, format)).FirstOrDefault(names => names?.Sha256 == sha256)
        ?? NamesLocation.Read(session, asked: null, format.OfPlainFile);

    static NamesFile Find(ModelFile model, Session session) =>
        Find(session, model.DataSource, model.DataSha256, model.NamesFormat, FolderOf(model));

    // Another file may have the same name.
    static NamesFile? TryRead(Session session, string path, NamesFormat format)
    {
        try
        {
            return SlowReading.Read(session, path, format);
        }
        catch (InvalidRequestException)
        {
            return null;
        }
    }

    static string? FolderOf(ModelFile model) => Path.GetDirectoryName(model.Path);
}
