using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Bnn.Gpu.Tests;

/// <summary>
/// Does what a kernel's text says, as one thread of one group: the part of PTX that our kernels use, by its specification. So what the
/// compiler of kernels made of our formulas is tested without a graphics processor; what NVIDIA's assembler makes of the text isn't.
/// </summary>
/// <remarks>NVIDIA, "Parallel Thread Execution ISA", version 7.8.</remarks>
internal sealed unsafe partial class PtxMachine
{
    private readonly Dictionary<string, int> _registers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _labels = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly List<Func<int>> _instructions = [];
    private readonly byte[] _parameters;
    private readonly byte[] _memory;
    private readonly int _group, _size;
    private ulong[] _values = [];
    private int _next;

    /// <param name="text">The kernel's.</param>
    /// <param name="parameters">Its only argument's bytes.</param>
    /// <param name="group">Which group it is.</param>
    public PtxMachine(string text, byte[] parameters, int group)
    {
        (_parameters, _group) = (parameters, group);
        // Memory of the group and of its threads is one and the same where there is one thread.
        foreach (Match declared in Memory().Matches(text))
        {
            _places[declared.Groups["name"].Value] = _size;
            _size += (int.Parse(declared.Groups["size"].Value, CultureInfo.InvariantCulture) + 15) / 16 * 16;
        }
        _memory = GC.AllocateArray<byte>(_size + 16, pinned: true);
        var body = text[text.IndexOf('{', StringComparison.Ordinal)..];
        var lines = body.Split('\n').Select(line => Comment().Replace(line, "").Trim())
            .Where(line => line.Length > 0 && line is not "{" and not "}").ToList();
        // Labels first: a branch may lead forwards.
        var count = 0;
        foreach (var line in lines)
        {
            if (line.EndsWith(':')) _labels[line[..^1]] = count;
            else if (!line.StartsWith('.')) count++;
        }
        foreach (var line in lines.Where(line => !line.StartsWith('.') && !line.EndsWith(':'))) _instructions.Add(Parse(line));
        _values = GC.AllocateArray<ulong>(_registers.Count, pinned: true);
    }

    /// <summary>Instructions that were done.</summary>
    public long Done { get; private set; }

    public void Run()
    {
        for (_next = 0; _next >= 0;)
        {
            Done++;
            var jump = _instructions[_next]();
            _next = jump == Onwards ? _next + 1 : jump;
        }
    }

    private const int Onwards = int.MinValue, Ended = -1;

    private Func<int> Parse(string line)
    {
        var match = Instruction().Match(line);
        if (!match.Success) throw new NotSupportedException(line);
        var code = match.Groups["code"].Value;
        string[] operands = [.. Operand().Matches(Space().Replace(match.Groups["rest"].Value, "")).Select(operand => operand.Value)];
        var action = Action(code, operands, line);
        if (!match.Groups["guard"].Success) return action;
        var (guard, expected) = (Register(match.Groups["guard"].Value), match.Groups["not"].Success ? 0UL : 1UL);
        return () => _values[guard] == expected ? action() : Onwards;
    }

    private Func<int> Action(string code, string[] o, string line)
    {
        var parts = code.Split('.');
        if (parts[0] == "bra")
        {
            var to = _labels[o[0]];
            return () => to;
        }
        if (parts[0] == "ret") return () => Ended;
        if (parts[0] == "bar") return () => Onwards;          // one thread waits for nobody
        if (parts[0] is "ld" or "st") return Access(parts, o);
        var type = parts[^1];
        var to0 = Register(o[0]);
        Func<ulong>[] x = [.. o[1..].Select(Value)];
        Func<ulong> result = parts[0] switch
        {
            "mov" or "cvta" => x[0],
            "selp" => () => x[2]() != 0 ? x[0]() : x[1](),
            "setp" => Compare(parts[1], type, x[0], x[1]),
            "cvt" => Convert(parts[^2], type, x[0]),
            "fma" when type == "f32" => () => F(MathF.FusedMultiplyAdd(F(x[0]()), F(x[1]()), F(x[2]()))),
            _ when type == "f32" => Single(parts, x, line),
            _ when type == "f64" => Double(parts, x, line),
            _ when type == "pred" => parts[0] switch
            {
                "not" => () => x[0]() ^ 1,
                "and" => () => x[0]() & x[1](),
                "or" => () => x[0]() | x[1](),
                _ => throw new NotSupportedException(line),
            },
            _ => Whole(parts, type, x, line),
        };
        return () =>
        {
            _values[to0] = result();
            return Onwards;
        };
    }

    /// <summary>Arithmetic in float32. Every rounding must be given: what the assembler may contract has no meaning here.</summary>
    private static Func<ulong> Single(string[] parts, Func<ulong>[] x, string line) => string.Join('.', parts[..^1]) switch
    {
        "add.rn" => () => F(F(x[0]()) + F(x[1]())),
        "sub.rn" => () => F(F(x[0]()) - F(x[1]())),
        "mul.rn" => () => F(F(x[0]()) * F(x[1]())),
        "div.rn" => () => F(F(x[0]()) / F(x[1]())),
        "rcp.rn" => () => F(1f / F(x[0]())),
        "sqrt.rn" => () => F(MathF.Sqrt(F(x[0]()))),
        "abs" => () => x[0]() & 0x7FFFFFFF,
        "neg" => () => x[0]() ^ 0x80000000,
        _ => throw new NotSupportedException(line),
    };

    private static Func<ulong> Double(string[] parts, Func<ulong>[] x, string line) => string.Join('.', parts[..^1]) switch
    {
        "add.rn" => () => D(D(x[0]()) + D(x[1]())),
        "div.rn" => () => D(D(x[0]()) / D(x[1]())),
        _ => throw new NotSupportedException(line),
    };

    private static Func<ulong> Whole(string[] parts, string type, Func<ulong>[] x, string line)
    {
        var isWide = type.EndsWith("64", StringComparison.Ordinal);
        Func<ulong, ulong> fit = isWide ? value => value : value => (uint)value;
        return (string.Join('.', parts[..^1]), type) switch
        {
            ("add", _) => () => fit(x[0]() + x[1]()),
            ("sub", _) => () => fit(x[0]() - x[1]()),
            ("mul.lo", _) => () => fit(x[0]() * x[1]()),
            ("mul.wide", "u32") => () => (uint)x[0]() * (ulong)(uint)x[1](),
            ("mad.lo", _) => () => fit(x[0]() * x[1]() + x[2]()),
            ("div", "s32") => () => (uint)((int)x[0]() / (int)x[1]()),
            ("rem", "s32") => () => (uint)((int)x[0]() % (int)x[1]()),
            ("rem", "u32") => () => (uint)x[0]() % (uint)x[1](),
            ("min", "s32") => () => (uint)Math.Min((int)x[0](), (int)x[1]()),
            ("shl", _) => () => fit(x[0]() << (int)x[1]()),
            ("shr", "s32") => () => (uint)((int)x[0]() >> (int)x[1]()),
            ("shr", "u32") => () => (uint)x[0]() >> (int)x[1](),
            ("shr", "u64") => () => x[0]() >> (int)x[1](),
            ("and", _) => () => x[0]() & x[1](),
            ("or", _) => () => x[0]() | x[1](),
            ("xor", _) => () => x[0]() ^ x[1](),
            _ => throw new NotSupportedException(line),
        };
    }

    private static Func<ulong> Compare(string how, string type, Func<ulong> x, Func<ulong> y)
    {
        Func<ulong, ulong, bool> holds = (how, type) switch
        {
            ("lt", "f32") => (a, b) => F(a) < F(b),
            ("gt", "f32") => (a, b) => F(a) > F(b),
            ("le", "f32") => (a, b) => F(a) <= F(b),
            ("ge", "f32") => (a, b) => F(a) >= F(b),
            ("eq", "f32") => (a, b) => F(a) == F(b),
            ("neu", "f32") => (a, b) => F(a) != F(b),          // or one of them is NaN
            ("eq", _) => (a, b) => a == b,
            ("ne", _) => (a, b) => a != b,
            ("lt", "s32") => (a, b) => (int)a < (int)b,
            ("gt", "s32") => (a, b) => (int)a > (int)b,
            ("le", "s32") => (a, b) => (int)a <= (int)b,
            ("ge", "s32") => (a, b) => (int)a >= (int)b,
            ("hs", "u32") => (a, b) => (uint)a >= (uint)b,
            ("lo", "u32") => (a, b) => (uint)a < (uint)b,
            _ => throw new NotSupportedException($"setp.{how}.{type}"),
        };
        return () => holds(x(), y()) ? 1UL : 0UL;
    }

    private static Func<ulong> Convert(string to, string from, Func<ulong> x) => (to, from) switch
    {
        ("s64", "s32") => () => (ulong)(int)x(),
        ("u64", "u32") or ("u32", "u64") => () => (uint)x(),
        ("s32", "u8") or ("u8", "u32") => () => (byte)x(),
        ("f32", "s32") => () => F((float)(int)x()),
        ("f32", "u32") => () => F((float)(uint)x()),
        ("f64", "f32") => () => D(F(x())),
        ("f64", "s32") => () => D((double)(int)x()),
        _ => throw new NotSupportedException($"cvt.{to}.{from}"),
    };

    /// <summary>Loads and stores of one number or of several neighbouring ones, which must be aligned.</summary>
    private Func<int> Access(string[] parts, string[] o)
    {
        var loads = parts[0] == "ld";
        var size = parts[^1] switch { "b8" => 1, "b32" or "f32" => 4, _ => 8 };
        var (numbers, place) = loads ? (o[0], o[1]) : (o[1], o[0]);
        string[] names = [.. numbers.Trim('{', '}').Split(',')];
        Func<ulong>[] values = loads ? [] : [.. names.Select(Value)];
        int[] registers = loads ? [.. names.Select(Register)] : [];
        var (begin, offset) = Place(place, parts[1] == "param");
        var bytes = size * names.Length;
        return () =>
        {
            var at = (byte*)(begin() + offset);
            if ((ulong)at % (ulong)bytes != 0)
                throw new InvalidOperationException($"{string.Join('.', parts)} of {bytes} bytes isn't aligned");
            for (var k = 0; k < names.Length; k++, at += size)
            {
                if (loads) _values[registers[k]] = size switch { 1 => *at, 4 => *(uint*)at, _ => *(ulong*)at };
                else if (size == 1) *at = (byte)values[k]();
                else if (size == 4) *(uint*)at = (uint)values[k]();
                else *(ulong*)at = values[k]();
            }
            return Onwards;
        };
    }

    private (Func<ulong> Begin, ulong Offset) Place(string text, bool isParameter)
    {
        var inside = text.Trim('[', ']').Split('+');
        var offset = inside.Length > 1 ? ulong.Parse(inside[1], CultureInfo.InvariantCulture) : 0;
        if (!isParameter) return (Value(inside[0]), offset);
        var begin = (ulong)(byte*)Unsafe.AsPointer(ref _parameters[0]);
        return (() => begin, offset);
    }

    private Func<ulong> Value(string text)
    {
        switch (text)
        {
            case "%tid.x": return () => 0;
            case "%ntid.x": return () => 1;
            case "%ctaid.x": return () => (ulong)_group;
        }
        if (text.StartsWith('%'))
        {
            var register = Register(text);
            return () => _values[register];
        }
        if (_places.TryGetValue(text, out var place))
        {
            var begin = ((ulong)Unsafe.AsPointer(ref _memory[0]) + 15) / 16 * 16 + (ulong)place;
            return () => begin;
        }
        var number = text switch
        {
            ['0', 'f', .. var digits] => uint.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
            ['0', 'd', .. var digits] => ulong.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
            ['0', 'x', .. var digits] => ulong.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
            ['-', ..] => (ulong)long.Parse(text, CultureInfo.InvariantCulture),
            _ => ulong.Parse(text, CultureInfo.InvariantCulture),
        };
        return () => number;
    }

    private int Register(string name)
    {
        if (!_registers.TryGetValue(name, out var number)) _registers.Add(name, number = _registers.Count);
        return number;
    }

    private static float F(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);

    private static ulong F(float value) => BitConverter.SingleToUInt32Bits(value);

    private static double D(ulong bits) => BitConverter.UInt64BitsToDouble(bits);

    private static ulong D(double value) => BitConverter.DoubleToUInt64Bits(value);

    [GeneratedRegex(@"//.*|/\*.*?\*/")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    [GeneratedRegex(@"\.(local|shared) [^;]*\.b8 (?<name>\w+)\[(?<size>\d+)\];")]
    private static partial Regex Memory();

    [GeneratedRegex(@"^(@(?<not>!)?(?<guard>%\w+)\s+)?(?<code>[a-z][a-z0-9_.]*)\s*(?<rest>[^;]*);$")]
    private static partial Regex Instruction();

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]|[^,]+")]
    private static partial Regex Operand();
}
